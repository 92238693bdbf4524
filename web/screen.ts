/** Shows `content` on the screen, from its top. `first` gets the focus, for keyboard and screen reader. */
export function fillScreen(screen: HTMLElement, content: Node, first?: HTMLElement): void {
  screen.replaceChildren(content);
  // Without this, the browser scrolls to the focused element, which is at the end of the menu.
  first?.focus({ preventScroll: true });
  screen.scrollTop = 0;
}
