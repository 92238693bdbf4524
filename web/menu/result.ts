/** The result screen after a match: who won, the score table, the rating change, and what to do next. */
import { element } from "../element.ts";
import { type ScoreRow, scoreTable } from "../hud/scoreTable.ts";
import { mark } from "../marks.ts";
import type { RatingChange } from "../net/awaitRating.ts";
import { changeOf } from "../pages/figures.ts";
import { linkTo } from "../pages/route.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";

export interface Outcome {
  readonly verdict: "victory" | "defeat" | "draw";
  readonly text: string;
  readonly rows: readonly ScoreRow[];
  readonly matchId: string;
  /** The id of this page's player. */
  readonly playerId: string;
}

const VERDICT_MARKS = { victory: "ally", defeat: "enemy", draw: "duel" } as const;

interface ResultScreen {
  readonly outcome: Outcome;
  readonly rating: Promise<RatingChange>;
  /** Text of the button that calls `again`. */
  readonly againText: string;
  again(): void;
  toMenu(): void;
}

export function showResult(screen: HTMLElement, { outcome, rating, againText, again, toMenu }: ResultScreen): void {
  const first = element(
    "button",
    { type: "button", class: "primary", click: again, "data-testid": "again" },
    againText,
  );
  const title = mark(VERDICT_MARKS[outcome.verdict], "", outcome.verdict === "defeat" ? "enemy" : "ally");
  fillScreen(
    screen,
    element(
      "section",
      { class: "card", "data-testid": "result", "aria-label": texts.result.label },
      element("h1", { "data-testid": "result-title" }, title, texts.result[outcome.verdict]),
      element("p", { class: "lead" }, outcome.text),
      scoreTable(outcome.rows),
      ratingLine(outcome, rating),
      element(
        "div",
        { class: "actions result-actions" },
        first,
        element("button", { type: "button", click: toMenu, "data-testid": "to-menu" }, texts.common.menu),
        element(
          "a",
          { class: "button", href: linkTo({ screen: "profile", playerId: null }), "data-testid": "to-profile" },
          texts.result.profile,
        ),
      ),
    ),
    first,
  );
}

function ratingLine({ rows, matchId }: Outcome, rating: Promise<RatingChange>): HTMLElement {
  const line = element("p", { class: "rating", role: "status", "data-testid": "rating" }, texts.result.ratingPending);
  void rating.then((change) => {
    const match = element(
      "a",
      { href: linkTo({ screen: "match", matchId }), "data-testid": "to-match" },
      texts.result.viewMatch,
    );
    if (change === "unknown") line.replaceChildren(texts.result.ratingLate);
    else if (change === "short") line.replaceChildren(texts.result.unratedShort, match);
    else if (change === "unrated")
      line.replaceChildren(rows.some(({ bot }) => bot) ? texts.result.unratedBots : texts.result.unrated, match);
    else
      line.replaceChildren(
        ...[texts.result.ratingLabel, element("b", {}, String(change.before + change.change)), " "],
        ...[changeOf(change.change), " ", match],
      );
  });
  return line;
}
