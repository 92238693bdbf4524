/** Owns the view of one finished match: how it ended, who took part, and what it did to their ratings. */

import type { Participant } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import type { Rest } from "../net/Rest.ts";
import { ROLES } from "../roles.ts";
import { changeOf, lengthOf, timeOf } from "./figures.ts";
import { figureTable, loaded, type Row, showCard } from "./frame.ts";
import { linkTo } from "./route.ts";

const REASONS: Readonly<Record<string, string>> = {
  score: "The score limit was reached.",
  time: "Time ran out.",
  eliminated: "One side had no lives left.",
  abandoned: "It was abandoned.",
  aborted: "The server stopped it; it does not count.",
};

const HEAD = ["Place", "Player", "Team", "Kills", "Deaths", "Score", "Rating"];

export function showMatch(screen: HTMLElement, rest: Rest, matchId: string, ownId: string | null): void {
  const title = element("span", {}, "Match");
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
        rated ? "" : " Not rated.",
      ),
      figureTable("Participants", HEAD, ["Player"], rows).node,
    ];
  });
  showCard(screen, [title], "match", content);
}

function rowOf(one: Participant, ownId: string | null): Row {
  const { seat, playerId, name, bot, team, role, place, kills, deaths, score, left, ratingBefore, ratingChange } = one;
  const own = playerId === ownId;
  const played = ROLES[role];
  const who = bot
    ? `Bot ${seat + 1}`
    : element("a", { href: linkTo({ screen: "record", playerId }) }, name ?? `Player ${playerId.slice(0, 4)}`);
  const notes = [own ? "you" : "", left ? "left" : ""].filter((note) => note !== "").join(", ");
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
