/**
 * The input of a running match, from keyboard and mouse or from two thumbs. Keys are identified by their position on the keyboard
 * (`code`), so that WASD works on every layout. Listeners are removed by `close`.
 */

import { BUTTON_ATTACK, BUTTON_HEAL, TURN } from "../../src/arena/rules.ts";
import { FULL_DEFLECTION } from "../../src/game/kit/movement.ts";
import { usesTouch } from "../touch/inputKind.ts";
import type { Stick } from "../touch/Stick.ts";
import type { TouchPad } from "../touch/TouchPad.ts";

const KEYS = {
  KeyW: "up",
  ArrowUp: "up",
  KeyS: "down",
  ArrowDown: "down",
  KeyA: "left",
  ArrowLeft: "left",
  KeyD: "right",
  ArrowRight: "right",
  Space: "attack",
  KeyE: "heal",
  Tab: "scores",
} as const;

type Action = (typeof KEYS)[keyof typeof KEYS];

/** A point on the page, in CSS pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** One input frame, with the fields of `ArenaInput`. */
export interface Frame {
  readonly moveX: number;
  readonly moveY: number;
  readonly aim: number;
  readonly buttons: number;
}

export class Controls {
  private readonly pad: TouchPad;
  private readonly held = new Set<Action>();
  private mouseButtons = 0;
  private mouseX = 0;
  private mouseY = 0;
  /** Where a player without an aiming thumb looks, in aim steps. */
  private lastAim = 0;
  private readonly ending = new AbortController();

  /** Mouse buttons count on `surface`; keys count on the whole page unless a button or field has the focus. */
  constructor(surface: HTMLElement, pad: TouchPad) {
    this.pad = pad;
    const { signal } = this.ending;
    addEventListener("keydown", (event) => this.key(event, true), { signal });
    addEventListener("keyup", (event) => this.key(event, false), { signal });
    addEventListener("blur", () => this.release(), { signal });
    addEventListener("mousemove", (event) => this.moveMouse(event), { signal });
    addEventListener("mouseup", (event) => this.moveMouse(event), { signal });
    surface.addEventListener("mousedown", (event) => this.moveMouse(event), { signal });
    for (const node of [surface, pad.node])
      node.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  close(): void {
    this.ending.abort();
    this.release();
    this.pad.close();
  }

  get wantsScores(): boolean {
    return this.held.has("scores");
  }

  /** Whether the player holds what heals. */
  get wantsHeal(): boolean {
    return this.held.has("heal") || (this.mouseButtons & 2) !== 0 || this.pad.isHealing;
  }

  /** `own` is the own body. `target` returns whom a thumb without a direction aims at. */
  frame(own: Point, target: () => Point | null): Frame {
    const { move } = this.pad;
    const aim = this.aimFrom(own, target);
    const buttons = (this.attacks(target) ? BUTTON_ATTACK : 0) | (this.wantsHeal ? BUTTON_HEAL : 0);
    if (!move.isHeld) return { moveX: this.axis("left", "right"), moveY: this.axis("up", "down"), aim, buttons };
    return { moveX: deflected(move, Math.cos), moveY: deflected(move, Math.sin), aim, buttons };
  }

  /** The field `aim` of a frame. */
  aimFrom(own: Point, target: () => Point | null): number {
    if (!usesTouch()) return steps(Math.atan2(this.mouseY - own.y, this.mouseX - own.x));
    const { move, aim } = this.pad;
    const found = aim.direction === null && (aim.isHeld || this.wantsHeal) ? target() : null;
    const at = found === null ? null : Math.atan2(found.y - own.y, found.x - own.x);
    const direction = aim.direction ?? at ?? move.direction;
    if (direction !== null) this.lastAim = steps(direction);
    return this.lastAim;
  }

  /** An aiming thumb attacks by itself, unless it has neither a direction nor a target. */
  private attacks(target: () => Point | null): boolean {
    const { aim } = this.pad;
    if (this.held.has("attack") || (this.mouseButtons & 1) !== 0) return true;
    return aim.isHeld && (aim.direction !== null || target() !== null);
  }

  private axis(less: Action, more: Action): number {
    return (Number(this.held.has(more)) - Number(this.held.has(less))) * FULL_DEFLECTION;
  }

  private key(event: KeyboardEvent, down: boolean): void {
    const action: Action | undefined = KEYS[event.code as keyof typeof KEYS];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!down) {
      this.held.delete(action);
      return;
    }
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    this.held.add(action);
  }

  private moveMouse(event: MouseEvent): void {
    this.mouseX = event.clientX;
    this.mouseY = event.clientY;
    if (event.type !== "mousemove") this.mouseButtons = event.buttons;
  }

  private release(): void {
    this.held.clear();
    this.mouseButtons = 0;
    this.pad.releaseAll();
  }
}

const steps = (radians: number): number => Math.round((radians / (2 * Math.PI)) * TURN) & (TURN - 1);

/** The deflection of a stick on one axis. */
function deflected({ direction, deflection }: Stick, axis: (radians: number) => number): number {
  return direction === null ? 0 : Math.round(axis(direction) * deflection * FULL_DEFLECTION);
}
