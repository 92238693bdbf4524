/**
 * Plays a match on the page: it follows and attacks the nearest enemy. It uses only what a player can see on the screen
 * (`hypogeumView`).
 */
import type { Page } from "playwright-core";
import type { Hands } from "./Hands.ts";

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
  private readonly hands: Hands;
  private steps = 0;

  constructor(page: Page, hands: Hands) {
    this.page = page;
    this.hands = hands;
  }

  visibleBodies(): Promise<readonly VisibleBody[]> {
    return this.page.evaluate(() => (globalThis as unknown as { hypogeumView(): VisibleBody[] }).hypogeumView());
  }

  /** Reacts once to what is on the screen. */
  async step(): Promise<void> {
    this.steps++;
    const bodies = await this.visibleBodies();
    const own = bodies.find((one) => one.own);
    const distance = (one: VisibleBody): number => Math.hypot(one.x - own!.x, one.y - own!.y);
    const enemies = own === undefined ? [] : bodies.filter((one) => !one.ally);
    const enemy = enemies.sort((a, b) => distance(a) - distance(b))[0];
    if (own === undefined || enemy === undefined) {
      await this.release();
      return;
    }
    const turn = Math.floor(this.steps / STEPS_PER_TURN) % 4;
    const near = distance(enemy) < NEAR;
    const dx = near ? enemy.y - own.y : enemy.x - own.x;
    const dy = near ? own.x - enemy.x : enemy.y - own.y;
    const [goX, goY] = turn === 1 ? [dx - dy, dy + dx] : turn === 3 ? [dx + dy, dy - dx] : [dx, dy];
    await this.hands.play({ own, enemy, goX, goY, heals: this.steps % 10 === 0 });
  }

  /** Lets go of all keys, buttons and sticks. */
  release(): Promise<void> {
    return this.hands.release();
  }
}
