/** Owns the making of DOM nodes. Text always goes in as text, never as HTML: names come from other people. */

type Props = Readonly<Record<string, string | number | boolean | undefined | ((event: any) => void)>>;

/**
 * Makes an element. Props that are functions become listeners of the event they are named for (`click`), booleans set
 * or leave out an attribute, all others become attributes.
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

/** Sets an element's text only when it differs, so that a call per frame costs nothing. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
