/** How a player of the browser tests operates the page: by keyboard and mouse, or with two thumbs. */
import type { CDPSession, Page } from "playwright-core";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** What the player does now. Points are on the page, in CSS pixels. */
interface Action {
  readonly own: Point;
  /** Whom the player attacks. */
  readonly enemy: Point;
  /** Direction of movement. */
  readonly goX: number;
  readonly goY: number;
  readonly heals: boolean;
}

export interface Hands {
  play(action: Action): Promise<void>;
  /** Lets go of everything. */
  release(): Promise<void>;
}

export class KeysAndMouse implements Hands {
  private readonly page: Page;
  private readonly held = new Set<string>();

  constructor(page: Page) {
    this.page = page;
  }

  async play({ enemy, goX, goY, heals }: Action): Promise<void> {
    await this.page.mouse.move(enemy.x, enemy.y);
    const keys = ["Space"];
    if (Math.abs(goX) > Math.abs(goY) / 2) keys.push(goX > 0 ? "KeyD" : "KeyA");
    if (Math.abs(goY) > Math.abs(goX) / 2) keys.push(goY > 0 ? "KeyS" : "KeyW");
    if (heals) keys.push("KeyE");
    await this.hold(keys);
  }

  async release(): Promise<void> {
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

/** How far a thumb moves from where it lands, in CSS pixels. */
const REACH = 40;
const LEFT = 1;
const RIGHT = 2;
const THIRD = 3;

/** Both thumbs stay on the screen. A third finger taps the button that heals. */
export class Thumbs implements Hands {
  private readonly page: Page;
  private readonly session: CDPSession;
  private readonly fingers = new Map<number, Point>();
  /** Where the thumbs have landed: on the resting sticks. */
  private readonly landed = new Map<number, Point>();

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.session = session;
  }

  static async on(page: Page): Promise<Thumbs> {
    return new Thumbs(page, await page.context().newCDPSession(page));
  }

  async play({ own, enemy, goX, goY, heals }: Action): Promise<void> {
    await this.drag(goX, goY, enemy.x - own.x, enemy.y - own.y);
    if (heals) await this.tapHeal();
  }

  /** Taps the button that heals, while the thumbs stay where they are. */
  async tapHeal(): Promise<void> {
    const box = await this.page.getByTestId("heal").boundingBox();
    if (box === null) return;
    await this.put(THIRD, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    await this.page.waitForTimeout(100);
    await this.lift(THIRD);
  }

  /** Puts both thumbs on the screen, unless they are, and drags each in its direction; not at all for the direction (0, 0). */
  async drag(moveX: number, moveY: number, aimX: number, aimY: number): Promise<void> {
    await this.dragOne(LEFT, ".stick.move", moveX, moveY);
    await this.dragOne(RIGHT, ".stick.aim", aimX, aimY);
    await this.send("touchMove");
  }

  async release(): Promise<void> {
    for (const finger of [...this.fingers.keys()]) await this.lift(finger);
  }

  private async dragOne(finger: number, stick: string, dx: number, dy: number): Promise<void> {
    if (!this.fingers.has(finger)) {
      const box = await this.page.locator(stick).boundingBox();
      if (box === null) return;
      this.landed.set(finger, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
      await this.put(finger, this.landed.get(finger)!);
    }
    this.fingers.set(finger, towards(this.landed.get(finger)!, dx, dy));
  }

  private async put(finger: number, at: Point): Promise<void> {
    this.fingers.set(finger, at);
    await this.send("touchStart");
  }

  private async lift(finger: number): Promise<void> {
    this.fingers.delete(finger);
    await this.send("touchMove");
  }

  /** Chromium lifts the fingers that are missing from a move. `touchEnd` would lift all. */
  private async send(type: "touchStart" | "touchMove"): Promise<void> {
    const touchPoints = [...this.fingers].map(([id, { x, y }]) => ({ id, x, y }));
    const isEnd = touchPoints.length === 0;
    await this.session.send("Input.dispatchTouchEvent", { type: isEnd ? "touchEnd" : type, touchPoints });
  }
}

function towards({ x, y }: Point, dx: number, dy: number): Point {
  const length = Math.hypot(dx, dy);
  return length === 0 ? { x, y } : { x: x + (dx / length) * REACH, y: y + (dy / length) * REACH };
}
