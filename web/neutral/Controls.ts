/** The player's input: keys for the driven fields, and one control for each other field. */
import { element } from "../element.ts";
import { texts } from "../texts.ts";
import { drivenFields, drivenValues, type Field, isButton, isDrivingKey } from "./inputValues.ts";

export class Controls {
  readonly node = element("div", { class: "controls", "data-testid": "controls" });
  private readonly fields: readonly Field[];
  private readonly pressed = new Set<string>();
  private readonly chosen = new Map<string, HTMLInputElement>();
  private readonly listening = new AbortController();

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    const { signal } = this.listening;
    addEventListener("keydown", (event) => this.press(event), { signal });
    addEventListener("keyup", ({ code }) => this.pressed.delete(code), { signal });
    addEventListener("blur", () => this.pressed.clear(), { signal });
    const driven = drivenFields(fields);
    if (driven.length > 0) this.node.append(element("p", {}, texts.neutral.keys(driven.map(({ name }) => name))));
    for (const field of fields) if (!driven.includes(field)) this.node.append(this.controlOf(field));
  }

  /** The values of all fields now. */
  frame(): Record<string, number> {
    const frame = drivenValues(this.fields, this.pressed);
    for (const [name, input] of this.chosen)
      frame[name] = input.type === "checkbox" ? +input.checked : input.valueAsNumber;
    return frame;
  }

  close(): void {
    this.listening.abort();
  }

  private press(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement;
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !isDrivingKey(event.code)) return;
    event.preventDefault();
    this.pressed.add(event.code);
  }

  private controlOf(field: Field): HTMLElement {
    const { name, min, max } = field;
    const value = Math.min(max, Math.max(min, 0));
    const input = isButton(field)
      ? element("input", { type: "checkbox" })
      : element("input", { type: "range", min, max, step: 1, value });
    this.chosen.set(name, input);
    const shown = element("output", {}, isButton(field) ? "" : String(value));
    if (!isButton(field)) input.addEventListener("input", () => shown.replaceChildren(input.value));
    return element("label", {}, element("span", {}, name), input, shown);
  }
}
