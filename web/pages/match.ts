/** One finished match: how it ended, who took part, and how their ratings changed. */

import type { Participant } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import type { Rest } from "../net/Rest.ts";
import { ROLES } from "../roles.ts";
import { texts } from "../texts.ts";
import { changeOf, lengthOf, timeOf } from "./figures.ts";
import { figureTable, loaded, type Row, showCard, unnamed } from "./frame.ts";
import { linkTo } from "./route.ts";

const REASONS: Readonly<Record<string, string>> = texts.match.reasons;

/** Index of the column of names. */
const PLAYER = 1;

export function showMatch(screen: HTMLElement, rest: Rest, matchId: string, ownId: string | null): void {
  const title = element("span", {}, texts.match.title);
  const content = loaded(async () => {
    const { mode, rated, reason, teamScores, createdAt, endedAt, participants } = await rest.match(matchId);
    title.replaceChildren(mark(modeText(mode).mark), ` ${modeText(mode).title}`);
    const teams = teamScores.length === 2 ? ` ${teamScores.join(" : ")}.` : "";
    const sorted = [...participants].sort((a, b) => a.place - b.place || b.score - a.score || a.deaths - b.deaths);
    const rows = sorted.map((one) => rowOf(one, ownId));
    return [
      element(
        "p",
        { class: "lead" },
        ...[timeOf(endedAt), `, ${lengthOf(createdAt, endedAt)}.${teams} ${REASONS[reason] ?? ""}`],
        rated ? "" : texts.match.unrated,
      ),
      figureTable(texts.match.caption, texts.match.columns, [PLAYER], rows).node,
    ];
  });
  showCard(screen, [title], "match", content);
}

function rowOf(one: Participant, ownId: string | null): Row {
  const { seat, playerId, name, bot, team, role, place, kills, deaths, score, left, ratingBefore, ratingChange } = one;
  const own = playerId === ownId;
  const played = ROLES[role];
  const who = bot
    ? texts.match.botName(seat + 1)
    : element("a", { href: linkTo({ screen: "profile", playerId }) }, name ?? unnamed(playerId));
  const notes = [own ? texts.match.you : "", left ? texts.match.left : ""].filter((note) => note !== "").join(", ");
  const player = element(
    "span",
    {},
    ...(own ? ["▶ "] : []),
    ...(played === undefined ? [] : [mark(played.mark, played.title), " "]),
    who,
    notes === "" ? "" : ` (${notes})`,
  );
  const rating =
    ratingBefore === null || ratingChange === null
      ? changeOf(null)
      : element("span", {}, `${ratingBefore + ratingChange} `, changeOf(ratingChange));
  return { own, cells: [String(place), player, String(team + 1), ...[kills, deaths, score].map(String), rating] };
}
