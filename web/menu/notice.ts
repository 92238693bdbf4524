/** Owns the one message box over everything: something is wrong, or being put right. */
import { element } from "../element.ts";

const box = document.getElementById("notice")!;

/** Shows `text`; `busy` adds a turning ring, otherwise a button closes the box. */
export function showNotice(text: string, busy = false): void {
  const close = element("button", { type: "button", click: hideNotice }, "Close");
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
