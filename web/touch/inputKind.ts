/**
 * Whether the player uses touch, or mouse and keyboard: `data-input` of the body, for style sheets and controls. It starts with
 * the main pointer of the device and follows what is used.
 */
type InputKind = "touch" | "mouse";

const use = (kind: InputKind): void => {
  document.body.dataset.input = kind;
};

export const usesTouch = (): boolean => document.body.dataset.input === "touch";

export function followInputKind(): void {
  use(matchMedia("(pointer: coarse)").matches ? "touch" : "mouse");
  addEventListener("pointerdown", ({ pointerType }) => use(pointerType === "mouse" ? "mouse" : "touch"), true);
  // The keyboard on the screen of a phone types only into fields.
  addEventListener("keydown", ({ target }) => target instanceof HTMLInputElement || use("mouse"), true);
}
