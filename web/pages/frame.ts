/** Owns what the pages beside the game share: a card with title and way back, tables, and what stands there while loading. */
import { element } from "../element.ts";
import { describeProblem } from "../net/problems.ts";
import { linkTo } from "./route.ts";

export type Content = readonly (Node | string)[];

/** Fills `screen` with a card; the focus goes to its title, so that keyboard and screen reader start there. */
export function showCard(screen: HTMLElement, title: Content, testId: string, ...content: Content): void {
  const heading = element("h1", { tabindex: "-1", "data-testid": "page-title" }, ...title);
  const back = element("a", { class: "button", href: linkTo({ screen: "menu" }), "data-testid": "back" }, "Menu");
  screen.replaceChildren(
    element(
      "section",
      { class: "card page", "data-testid": testId },
      element("header", {}, heading, element("nav", { "aria-label": "Back" }, back)),
      ...content,
    ),
  );
  screen.scrollTop = 0;
  heading.focus();
}

/** A place that `load` fills when it has an answer. Where it has none, the place says why and offers to ask again. */
export function loaded(load: () => Promise<Content>): HTMLElement {
  const place = element("div", { class: "loaded" });
  const ask = async (): Promise<void> => {
    place.setAttribute("aria-busy", "true");
    place.replaceChildren(element("p", { class: "hint", role: "status" }, "Loading …"));
    try {
      place.replaceChildren(...(await load()));
    } catch (error) {
      const again = element("button", { type: "button", click: () => void ask() }, "Try again");
      place.replaceChildren(problem(describeProblem(error)), again);
    }
    place.removeAttribute("aria-busy");
  };
  void ask();
  return place;
}

export const problem = (text: string): HTMLElement =>
  element("p", { class: "problem", role: "alert", "data-testid": "problem" }, text);

export interface Row {
  readonly own?: boolean;
  readonly cells: Content;
}

/** A table of which the column named in `wide` takes the text, to the left; all others hold figures. */
export function figureTable(caption: string, head: readonly string[], wide: readonly string[], rows: readonly Row[]) {
  const side = (index: number): string => (wide.includes(head[index]) ? "text" : "figure");
  const body = element("tbody", {});
  const add = (more: readonly Row[]): void => {
    const made = more.map(({ own = false, cells }) => {
      const tds = cells.map((cell, index) => element("td", { class: side(index) }, cell));
      return element("tr", { class: own ? "own" : "", "aria-current": own ? "true" : undefined }, ...tds);
    });
    body.append(...made);
  };
  add(rows);
  const titles = head.map((title, index) => element("th", { scope: "col", class: side(index) }, title));
  const node = element(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    element("table", { class: "figures" }, element("thead", {}, element("tr", {}, ...titles)), body),
  );
  return { node, add };
}
