/**
 * Keyboard and mouse input of a running match. Keys are identified by their position on the keyboard (`code`), so that WASD
 * works on every layout. Listeners are removed by `close`.
 */
import { FULL_DEFLECTION } from "../../src/arena/movement.ts";
import { BUTTON_ATTACK, BUTTON_HEAL, TURN } from "../../src/arena/rules.ts";

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

export class Controls {
  private readonly held = new Set<Action>();
  private mouseButtons = 0;
  private mouseX = 0;
  private mouseY = 0;
  private readonly ending = new AbortController();

  /** Mouse buttons count on `surface`; keys count on the whole page unless a button or field has the focus. */
  constructor(surface: HTMLElement) {
    const { signal } = this.ending;
    addEventListener("keydown", (event) => this.key(event, true), { signal });
    addEventListener("keyup", (event) => this.key(event, false), { signal });
    addEventListener("blur", () => this.release(), { signal });
    addEventListener("mousemove", (event) => this.moveMouse(event), { signal });
    addEventListener("mouseup", (event) => this.moveMouse(event), { signal });
    surface.addEventListener("mousedown", (event) => this.moveMouse(event), { signal });
    surface.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  close(): void {
    this.ending.abort();
    this.release();
  }

  get wantsScores(): boolean {
    return this.held.has("scores");
  }

  get moveX(): number {
    return this.axis("left", "right");
  }

  get moveY(): number {
    return this.axis("up", "down");
  }

  /** The bits of the input field `buttons`. */
  get buttons(): number {
    const attack = this.held.has("attack") || (this.mouseButtons & 1) !== 0;
    const heal = this.held.has("heal") || (this.mouseButtons & 2) !== 0;
    return (attack ? BUTTON_ATTACK : 0) | (heal ? BUTTON_HEAL : 0);
  }

  /** Aim steps from a point on the screen (CSS pixels) to the mouse. */
  aimFrom(x: number, y: number): number {
    const turns = Math.atan2(this.mouseY - y, this.mouseX - x) / (2 * Math.PI);
    return Math.round(turns * TURN) & (TURN - 1);
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
  }
}
