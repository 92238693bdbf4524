/** Owns the result screen: who won, the table, and what to do next. */
import { element } from "../element.ts";
import { type ScoreRow, scoreTable } from "../hud/scoreTable.ts";
import { mark } from "../marks.ts";

export interface Outcome {
  readonly title: "Victory" | "Defeat" | "Draw";
  readonly text: string;
  readonly rows: readonly ScoreRow[];
}

const TITLE_MARKS = { Victory: "ally", Defeat: "enemy", Draw: "duel" } as const;

export function showResult(screen: HTMLElement, outcome: Outcome, again: () => void, toMenu: () => void): void {
  const first = element("button", { type: "button", class: "primary", click: again, "data-testid": "again" }, "Again");
  const title = mark(TITLE_MARKS[outcome.title], "", outcome.title === "Defeat" ? "enemy" : "ally");
  screen.replaceChildren(
    element(
      "section",
      { class: "card", "data-testid": "result", "aria-label": "Result" },
      element("h1", { "data-testid": "result-title" }, title, outcome.title),
      element("p", { class: "lead" }, outcome.text),
      scoreTable(outcome.rows),
      element(
        "div",
        { class: "actions result-actions" },
        first,
        element("button", { type: "button", click: toMenu, "data-testid": "to-menu" }, "Menu"),
      ),
    ),
  );
  first.focus();
}
