/**
 * The controls for two thumbs: in the left half of the window a thumb moves the player; in the right half it aims, and attacks
 * for as long as it touches. The pad covers the window below the buttons of the overlay. It is shown only for touch.
 */
import { element } from "../element.ts";
import { type Mark, mark } from "../marks.ts";
import { Stick } from "./Stick.ts";

interface Drawn {
  readonly stick: Stick;
  readonly node: HTMLElement;
  readonly knob: HTMLElement;
}

export class TouchPad {
  readonly node: HTMLElement;
  readonly move = new Stick();
  readonly aim = new Stick();
  private readonly sticks: readonly [Drawn, Drawn];
  private readonly ending = new AbortController();
  private readonly healing = new Set<number>();

  constructor() {
    this.sticks = [drawn("move", this.move), drawn("aim", this.aim)];
    this.node = element("div", { id: "pad", "data-testid": "pad" }, ...this.sticks.map(({ node }) => node));
    const { signal } = this.ending;
    this.node.addEventListener("pointerdown", (event) => this.press(event), { signal });
    this.node.addEventListener("pointermove", (event) => this.drag(event), { signal });
    for (const end of ["pointerup", "pointercancel"] as const)
      this.node.addEventListener(end, ({ pointerId }) => this.release(pointerId), { signal });
  }

  /** Whether the heal button is held. */
  get isHealing(): boolean {
    return this.healing.size > 0;
  }

  /** Makes `node` the button that heals while it is held. */
  addHealButton(node: HTMLElement): void {
    const { signal } = this.ending;
    const hold = (event: PointerEvent): void => {
      if (event.pointerType === "mouse") return;
      event.preventDefault();
      this.healing.add(event.pointerId);
    };
    node.addEventListener("pointerdown", hold, { signal });
    for (const end of ["pointerup", "pointercancel"] as const)
      node.addEventListener(end, ({ pointerId }) => this.healing.delete(pointerId), { signal });
  }

  /** Shows the weapon on the aiming thumb's stick. */
  showWeapon(name: Mark): void {
    this.sticks[1].knob.replaceChildren(mark(name));
  }

  /** `cooling`: the share of the weapon's cooldown that is left; 0 when ready. */
  showCooling(cooling: number): void {
    this.sticks[1].node.classList.toggle("cooling", cooling > 0);
  }

  /** Forgets all thumbs, for example when the window loses the focus. */
  releaseAll(): void {
    this.healing.clear();
    for (const one of this.sticks) {
      one.stick.drop();
      place(one);
    }
  }

  close(): void {
    this.ending.abort();
    this.releaseAll();
  }

  private press(event: PointerEvent): void {
    if (event.pointerType === "mouse") return;
    // Otherwise the browser sends mouse events after the touch.
    event.preventDefault();
    const one = this.sticks[event.clientX < innerWidth / 2 ? 0 : 1];
    one.stick.press(event.pointerId, event.clientX, event.clientY);
    place(one);
  }

  private drag({ pointerId, clientX, clientY }: PointerEvent): void {
    for (const one of this.sticks) {
      one.stick.drag(pointerId, clientX, clientY);
      place(one);
    }
  }

  private release(pointerId: number): void {
    for (const one of this.sticks) {
      one.stick.release(pointerId);
      place(one);
    }
  }
}

function drawn(name: string, stick: Stick): Drawn {
  const knob = element("i");
  return { stick, knob, node: element("div", { class: `stick ${name}`, "aria-hidden": "true" }, knob) };
}

/** Draws a stick under its thumb. Without a thumb it lies where the style sheet places it. */
function place({ stick, node, knob }: Drawn): void {
  node.classList.toggle("held", stick.isHeld);
  node.style.left = stick.isHeld ? `${stick.originX}px` : "";
  node.style.top = stick.isHeld ? `${stick.originY}px` : "";
  knob.style.translate = stick.isHeld ? `${stick.thumbX - stick.originX}px ${stick.thumbY - stick.originY}px` : "";
}
