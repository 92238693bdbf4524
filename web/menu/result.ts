/** Owns the result screen: who won, the table, what it did to the rating, and what to do next. */
import { element } from "../element.ts";
import { type ScoreRow, scoreTable } from "../hud/scoreTable.ts";
import { mark } from "../marks.ts";
import type { RatingChange } from "../net/awaitRating.ts";
import { changeOf } from "../pages/figures.ts";
import { linkTo } from "../pages/route.ts";

export interface Outcome {
  readonly title: "Victory" | "Defeat" | "Draw";
  readonly text: string;
  readonly rows: readonly ScoreRow[];
  readonly matchId: string;
  /** Whose page this is, as the records know the player. */
  readonly playerId: string;
}

const TITLE_MARKS = { Victory: "ally", Defeat: "enemy", Draw: "duel" } as const;

interface ResultScreen {
  readonly outcome: Outcome;
  readonly rating: Promise<RatingChange>;
  /** What `again` leads to. */
  readonly next: string;
  again(): void;
  toMenu(): void;
}

export function showResult(screen: HTMLElement, { outcome, rating, next, again, toMenu }: ResultScreen): void {
  const first = element("button", { type: "button", class: "primary", click: again, "data-testid": "again" }, next);
  const title = mark(TITLE_MARKS[outcome.title], "", outcome.title === "Defeat" ? "enemy" : "ally");
  screen.replaceChildren(
    element(
      "section",
      { class: "card", "data-testid": "result", "aria-label": "Result" },
      element("h1", { "data-testid": "result-title" }, title, outcome.title),
      element("p", { class: "lead" }, outcome.text),
      scoreTable(outcome.rows),
      ratingLine(outcome, rating),
      element(
        "div",
        { class: "actions result-actions" },
        first,
        element("button", { type: "button", click: toMenu, "data-testid": "to-menu" }, "Menu"),
        element(
          "a",
          { class: "button", href: linkTo({ screen: "record", playerId: null }), "data-testid": "to-record" },
          "Your record",
        ),
      ),
    ),
  );
  first.focus();
}

function ratingLine({ rows, matchId }: Outcome, rating: Promise<RatingChange>): HTMLElement {
  const line = element("p", { class: "rating", role: "status", "data-testid": "rating" }, "Rating: being counted …");
  void rating.then((change) => {
    const match = element(
      "a",
      { href: linkTo({ screen: "match", matchId }), "data-testid": "to-match" },
      "See the match",
    );
    if (change === "unknown") line.replaceChildren("Rating: not counted yet. It will stand in your record.");
    else if (change === "unrated")
      line.replaceChildren("Not rated", rows.some(({ bot }) => bot) ? ": bots took part. " : ". ", match);
    else
      line.replaceChildren(
        ...["Rating ", element("b", {}, String(change.before + change.change)), " "],
        ...[changeOf(change.change), " ", match],
      );
  });
  return line;
}
