/** The message box above all screens: errors, and progress that the player waits for. */
import { element } from "../element.ts";
import { texts } from "../texts.ts";

const box = document.getElementById("notice")!;

/** Shows `text`. With `busy` the box has a spinner, otherwise a button that closes it. */
export function showNotice(text: string, busy = false): void {
  const close = element("button", { type: "button", click: hideNotice }, texts.common.close);
  box.replaceChildren(
    ...(busy ? [element("span", { class: "spinner", "aria-hidden": "true" })] : []),
    element("span", {}, text),
    ...(busy ? [] : [close]),
  );
  box.hidden = false;
}

export function hideNotice(): void {
  box.hidden = true;
  box.replaceChildren();
}
