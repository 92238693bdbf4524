/** Creates DOM nodes. Text is always set as text, never as HTML, because names come from other players. */

type Props = Readonly<Record<string, string | number | boolean | undefined | ((event: any) => void)>>;

/**
 * Creates an element. A prop that is a function becomes a listener for the event that the prop names (`click`). A boolean sets
 * or omits the attribute. Any other value becomes the value of an attribute.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** Sets an element's text only if it differs, so that calling this in every animation frame is cheap. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
