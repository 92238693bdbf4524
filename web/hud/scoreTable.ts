import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { ROLES } from "../roles.ts";
import { texts } from "../texts.ts";

export interface ScoreRow {
  readonly name: string;
  readonly own: boolean;
  readonly ally: boolean;
  readonly bot: boolean;
  readonly role: number;
  readonly kills: number;
  readonly deaths: number;
  readonly score: number;
}

/** Best first: by kills, which decide a match, then by score and fewer deaths. Shown in the overlay and on the result screen. */
export function scoreTable(rows: readonly ScoreRow[]): HTMLTableElement {
  const sorted = [...rows].sort((a, b) => b.kills - a.kills || b.score - a.score || a.deaths - b.deaths);
  const head = texts.scores.columns.map((title) => element("th", { scope: "col" }, title));
  return element(
    "table",
    { class: "scores" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...sorted.map(row)),
  );
}

function row({ name, own, ally, bot, role, kills, deaths, score }: ScoreRow): HTMLTableRowElement {
  const side = element(
    "span",
    { class: ally ? "ally" : "enemy" },
    mark(ally ? "ally" : "enemy", ally ? texts.scores.ally : texts.scores.enemy),
    " ",
    mark(ROLES[role].mark, ROLES[role].title),
  );
  return element(
    "tr",
    { class: own ? "own" : "" },
    element("td", {}, side, ` ${name}${own ? texts.common.you : bot ? texts.common.bot : ""}`),
    ...[kills, deaths, score].map((figure) => element("td", {}, String(figure))),
  );
}
