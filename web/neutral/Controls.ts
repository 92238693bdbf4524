/** The player's input: keys for the driven fields, and one control for each other field. */
import { element } from "../element.ts";
import { texts } from "../texts.ts";
import { drivenFields, drivenValues, type Field, isButton, isDrivingKey } from "./inputValues.ts";

/** With more values than that, a slider cannot be set exactly. */
const SLIDER_VALUES_MAX = 255;

const inRange = ({ min, max }: Field, value: number): number => Math.min(max, Math.max(min, value));

/** An empty or invalid number counts as 0. */
const chosenValue = (field: Field, { valueAsNumber }: HTMLInputElement): number =>
  inRange(field, Math.trunc(valueAsNumber) || 0);

/** Whether the key is for the control that has the focus: any key for a number, arrow keys for a slider. */
function isTyping({ target, code }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLInputElement)) return false;
  return target.type === "number" || (target.type === "range" && !/^Key/.test(code));
}

export class Controls {
  readonly node = element("div", { class: "controls", "data-testid": "controls" });
  private readonly fields: readonly Field[];
  private readonly pressed = new Set<string>();
  private readonly chosen = new Map<Field, HTMLInputElement>();
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
    for (const [field, input] of this.chosen)
      frame[field.name] = isButton(field) ? +input.checked : chosenValue(field, input);
    return frame;
  }

  close(): void {
    this.listening.abort();
  }

  private press(event: KeyboardEvent): void {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || !isDrivingKey(event.code)) return;
    event.preventDefault();
    this.pressed.add(event.code);
  }

  private controlOf(field: Field): HTMLElement {
    const { name, min, max } = field;
    const value = inRange(field, 0);
    const type = isButton(field) ? "checkbox" : max - min > SLIDER_VALUES_MAX ? "number" : "range";
    const input = element("input", type === "checkbox" ? { type } : { type, min, max, step: 1, value });
    this.chosen.set(field, input);
    const shown = element("output", {}, type === "range" ? String(value) : "");
    if (type === "range") input.addEventListener("input", () => shown.replaceChildren(input.value));
    return element("label", {}, element("span", {}, name), input, shown);
  }
}
