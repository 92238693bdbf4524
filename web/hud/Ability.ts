/** One ability in the overlay: its icon, its key, and a shade that shrinks during the cooldown. */
import { element, setText } from "../element.ts";
import { type Mark, mark } from "../marks.ts";

export class Ability {
  readonly node: HTMLElement;
  private readonly picture = element("span");
  private readonly shade = element("i", { class: "shade" });
  private readonly caption: HTMLElement;
  private readonly name: string;

  /** `kind` is the class of the node. */
  constructor(kind: string, name: string, key: string) {
    this.name = name;
    this.caption = element("span", {}, name);
    this.node = element(
      "div",
      { class: `ability ${kind}`, "data-testid": kind },
      this.picture,
      this.caption,
      " ",
      element("kbd", {}, key),
      this.shade,
    );
  }

  setMark(name: Mark): void {
    this.picture.replaceChildren(mark(name));
  }

  /** `cooling`: the share of the cooldown that is left; 0 when ready. */
  update(cooling: number): void {
    this.shade.style.transform = `scaleY(${cooling.toFixed(2)})`;
    this.node.classList.toggle("cooling", cooling > 0);
    setText(this.caption, this.name);
  }
}
