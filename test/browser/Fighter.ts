/**
 * Owns hands for the page: keyboard and mouse that go after the nearest foe on the screen. It sees what `hypogeumView`
 * tells, which is what a person would see, and does nothing that a person could not.
 */
import type { Page } from "playwright-core";

export interface Seen {
  /** The session that holds the body. */
  readonly id: string;
  readonly own: boolean;
  readonly ally: boolean;
  readonly x: number;
  readonly y: number;
}

/** CSS pixels at which it stops closing in and goes sideways instead. */
const NEAR = 230;
/** Steps after which it tries another way round, so that a wall does not hold it for ever. */
const PATIENCE = 14;

export class Fighter {
  private readonly page: Page;
  private readonly held = new Set<string>();
  private steps = 0;

  constructor(page: Page) {
    this.page = page;
  }

  look(): Promise<readonly Seen[]> {
    return this.page.evaluate(() => (globalThis as unknown as { hypogeumView(): Seen[] }).hypogeumView());
  }

  /** One reaction to what is on the screen. */
  async step(): Promise<void> {
    this.steps++;
    const seen = await this.look();
    const own = seen.find((one) => one.own);
    if (own === undefined) {
      await this.hold([]);
      return;
    }
    const away = (one: Seen): number => Math.hypot(one.x - own.x, one.y - own.y);
    const foe = seen.filter((one) => !one.ally).sort((a, b) => away(a) - away(b))[0];
    if (foe === undefined) {
      await this.hold([]);
      return;
    }
    await this.page.mouse.move(foe.x, foe.y);
    const turn = Math.floor(this.steps / PATIENCE) % 4;
    const near = away(foe) < NEAR;
    const dx = near ? foe.y - own.y : foe.x - own.x;
    const dy = near ? own.x - foe.x : foe.y - own.y;
    const [goX, goY] = turn === 1 ? [dx - dy, dy + dx] : turn === 3 ? [dx + dy, dy - dx] : [dx, dy];
    const keys = ["Space"];
    if (Math.abs(goX) > Math.abs(goY) / 2) keys.push(goX > 0 ? "KeyD" : "KeyA");
    if (Math.abs(goY) > Math.abs(goX) / 2) keys.push(goY > 0 ? "KeyS" : "KeyW");
    if (this.steps % 10 === 0) keys.push("KeyE");
    await this.hold(keys);
  }

  async rest(): Promise<void> {
    await this.hold([]);
  }

  private async hold(keys: readonly string[]): Promise<void> {
    for (const key of [...this.held]) {
      if (keys.includes(key)) continue;
      this.held.delete(key);
      await this.page.keyboard.up(key);
    }
    for (const key of keys) {
      if (this.held.has(key)) continue;
      this.held.add(key);
      await this.page.keyboard.down(key);
    }
  }
}
