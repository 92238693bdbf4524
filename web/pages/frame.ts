/** Parts that the pages outside a match share: a card with title and back link, tables, and the loading state. */
import { element } from "../element.ts";
import { describeProblem } from "../net/problems.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";
import { linkTo } from "./route.ts";

export type Content = readonly (Node | string)[];

/** Fills `screen` with a card. Its title gets the focus, so that keyboard and screen reader start there. */
export function showCard(screen: HTMLElement, title: Content, testId: string, ...content: Content): void {
  const heading = element("h1", { tabindex: "-1", "data-testid": "page-title" }, ...title);
  const back = element(
    "a",
    { class: "button", href: linkTo({ screen: "menu" }), "data-testid": "back" },
    texts.common.menu,
  );
  fillScreen(
    screen,
    element(
      "section",
      { class: "card page", "data-testid": testId },
      element("header", {}, heading, element("nav", { "aria-label": texts.common.back }, back)),
      ...content,
    ),
    heading,
  );
}

/** An element that shows what `load` resolves to. If `load` rejects, it shows the problem and a button to try again. */
export function loaded(load: () => Promise<Content>): HTMLElement {
  const node = element("div", { class: "loaded" });
  const ask = async (): Promise<void> => {
    node.setAttribute("aria-busy", "true");
    node.replaceChildren(element("p", { class: "hint", role: "status" }, texts.common.loading));
    try {
      node.replaceChildren(...(await load()));
    } catch (error) {
      const again = element("button", { type: "button", click: () => void ask() }, texts.common.tryAgain);
      node.replaceChildren(problem(describeProblem(error)), again);
    }
    node.removeAttribute("aria-busy");
  };
  void ask();
  return node;
}

/** Name of a player who has none. */
export const unnamed = (playerId: string): string => texts.common.unnamedPlayer(playerId.slice(0, 4));

export const problem = (text: string): HTMLElement =>
  element("p", { class: "problem", role: "alert", "data-testid": "problem" }, text);

export interface Row {
  readonly own?: boolean;
  readonly cells: Content;
}

/** A table. The columns with the indices `textColumns` contain text and are aligned left; all others contain figures. */
export function figureTable(
  caption: string,
  head: readonly string[],
  textColumns: readonly number[],
  rows: readonly Row[],
) {
  const side = (index: number): string => (textColumns.includes(index) ? "text" : "figure");
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
