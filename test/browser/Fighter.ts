/**
 * Plays a match on the page by keyboard and mouse: it follows and attacks the nearest enemy. It uses only what a player can
 * see on the screen (`hypogeumView`).
 */
import type { Page } from "playwright-core";

export interface VisibleBody {
  /** Session id of the player. */
  readonly id: string;
  readonly own: boolean;
  readonly ally: boolean;
  readonly x: number;
  readonly y: number;
}

/** CSS pixels. At this distance it moves sideways instead of closer. */
const NEAR = 230;
/** Steps after which it changes direction, so that it does not stay stuck at a wall. */
const STEPS_PER_TURN = 14;

export class Fighter {
  private readonly page: Page;
  private readonly held = new Set<string>();
  private steps = 0;

  constructor(page: Page) {
    this.page = page;
  }

  visibleBodies(): Promise<readonly VisibleBody[]> {
    return this.page.evaluate(() => (globalThis as unknown as { hypogeumView(): VisibleBody[] }).hypogeumView());
  }

  /** Reacts once to what is on the screen. */
  async step(): Promise<void> {
    this.steps++;
    const bodies = await this.visibleBodies();
    const own = bodies.find((one) => one.own);
    if (own === undefined) {
      await this.hold([]);
      return;
    }
    const distance = (one: VisibleBody): number => Math.hypot(one.x - own.x, one.y - own.y);
    const enemy = bodies.filter((one) => !one.ally).sort((a, b) => distance(a) - distance(b))[0];
    if (enemy === undefined) {
      await this.hold([]);
      return;
    }
    await this.page.mouse.move(enemy.x, enemy.y);
    const turn = Math.floor(this.steps / STEPS_PER_TURN) % 4;
    const near = distance(enemy) < NEAR;
    const dx = near ? enemy.y - own.y : enemy.x - own.x;
    const dy = near ? own.x - enemy.x : enemy.y - own.y;
    const [goX, goY] = turn === 1 ? [dx - dy, dy + dx] : turn === 3 ? [dx + dy, dy - dx] : [dx, dy];
    const keys = ["Space"];
    if (Math.abs(goX) > Math.abs(goY) / 2) keys.push(goX > 0 ? "KeyD" : "KeyA");
    if (Math.abs(goY) > Math.abs(goX) / 2) keys.push(goY > 0 ? "KeyS" : "KeyW");
    if (this.steps % 10 === 0) keys.push("KeyE");
    await this.hold(keys);
  }

  async releaseKeys(): Promise<void> {
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
