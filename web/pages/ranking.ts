/** Owns the ranking of a mode: the best, and where oneself stands. */

import type { RankingEntry } from "../../schema/restAnswers.ts";
import { MODES, type Mode } from "../choice.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { MODE_TEXTS } from "../modes.ts";
import { problemCode } from "../net/problems.ts";
import type { Rest } from "../net/Rest.ts";
import { type Content, figureTable, loaded, type Row, showCard } from "./frame.ts";
import { linkTo } from "./route.ts";

const SHOWN = 20;
/** Neighbours shown on either side of oneself, below the best. */
const RADIUS = 2;
const HEAD = ["Rank", "Player", "Rating", "Games", "Won", "Lost"];

/** `ownId` is null for somebody who has not played yet. */
export function showRanking(screen: HTMLElement, rest: Rest, mode: Mode, ownId: string | null): void {
  const tabs = MODES.map((one) =>
    element(
      "a",
      {
        class: "button",
        href: linkTo({ screen: "ranking", mode: one }),
        "aria-current": one === mode ? "page" : undefined,
        "data-testid": `ranking-${one}`,
      },
      mark(MODE_TEXTS[one].mark),
      ` ${MODE_TEXTS[one].title}`,
    ),
  );
  showCard(
    screen,
    ["Ranking"],
    "ranking",
    element("nav", { class: "tabs", "aria-label": "Mode" }, ...tabs),
    loaded(() => rankingOf(rest, mode, ownId)),
  );
}

async function rankingOf(rest: Rest, mode: Mode, ownId: string | null): Promise<Content> {
  const { entries, total } = await rest.ranking(mode, SHOWN);
  if (total === 0)
    return [element("p", { class: "hint" }, "Nobody has played a rated match in this mode yet. Be the first.")];
  const title = MODE_TEXTS[mode].title;
  const rows = entries.map((entry) => rowOf(entry, ownId));
  const listed = entries.some(({ playerId }) => playerId === ownId);
  const around = listed || ownId === null ? [] : await neighbours(rest, ownId, mode);
  const own = around.filter(({ rank }) => rank > entries.length).map((entry) => rowOf(entry, ownId));
  const gap: Row[] =
    own.length > 0 && around.at(-own.length)!.rank > entries.length + 1 ? [{ cells: ["⋮", "", "", "", "", ""] }] : [];
  const table = figureTable(`Ranking, ${title}`, HEAD, ["Player"], [...rows, ...gap, ...own]);
  const hint =
    listed || own.length > 0
      ? "Your own place is marked."
      : "You are not on this board yet: play a rated match, that is one without bots.";
  const count = total === 1 ? "1 player" : `${total} players`;
  return [table.node, element("p", { class: "hint" }, `${count}. ${hint}`)];
}

async function neighbours(rest: Rest, ownId: string, mode: Mode): Promise<readonly RankingEntry[]> {
  const { ratings } = await rest.player(ownId);
  if (!ratings.some((rating) => rating.mode === mode && rating.games > 0)) return [];
  try {
    return (await rest.rankingAround(ownId, mode, RADIUS)).entries;
  } catch (error) {
    // A server may list none but accounts.
    if (problemCode(error) === "NOT_RANKED") return [];
    throw error;
  }
}

function rowOf({ rank, playerId, name, rating, games, wins, losses }: RankingEntry, ownId: string | null): Row {
  const own = playerId === ownId;
  const link = element("a", { href: linkTo({ screen: "record", playerId }) }, name ?? `Player ${playerId.slice(0, 4)}`);
  const player = element("span", {}, ...(own ? ["▶ "] : []), link, ...(own ? [" (you)"] : []));
  return { own, cells: [String(rank), player, ...[rating, games, wins, losses].map(String)] };
}
