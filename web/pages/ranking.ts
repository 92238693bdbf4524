/** The ranking of a mode: the best players, and the row of this page's player with its neighbours. */

import type { RankingEntry } from "../../schema/restAnswers.ts";
import { MODES, type Mode } from "../choice.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { MODE_TEXTS } from "../modes.ts";
import { problemCode } from "../net/problems.ts";
import type { Rest } from "../net/Rest.ts";
import { texts } from "../texts.ts";
import { type Content, figureTable, loaded, type Row, showCard, unnamed } from "./frame.ts";
import { linkTo } from "./route.ts";

const SHOWN = 20;
/** Rows shown above and below that of this page's player, if it is not among the best. */
const RADIUS = 2;
/** Index of the column of names. */
const PLAYER = 1;

/** `ownId` is null for a player who has not played yet. */
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
    [texts.ranking.title],
    "ranking",
    element("nav", { class: "tabs", "aria-label": texts.ranking.tabs }, ...tabs),
    loaded(() => rankingOf(rest, mode, ownId)),
  );
}

async function rankingOf(rest: Rest, mode: Mode, ownId: string | null): Promise<Content> {
  const { entries, total } = await rest.ranking(mode, SHOWN);
  if (total === 0) return [element("p", { class: "hint" }, texts.ranking.empty)];
  const title = MODE_TEXTS[mode].title;
  const rows = entries.map((entry) => rowOf(entry, ownId));
  const listed = entries.some(({ playerId }) => playerId === ownId);
  const around = listed || ownId === null ? [] : await neighbours(rest, ownId, mode);
  const own = around.filter(({ rank }) => rank > entries.length).map((entry) => rowOf(entry, ownId));
  const gap: Row[] =
    own.length > 0 && around.at(-own.length)!.rank > entries.length + 1 ? [{ cells: ["⋮", "", "", "", "", ""] }] : [];
  const table = figureTable(texts.ranking.caption(title), texts.ranking.columns, [PLAYER], [...rows, ...gap, ...own]);
  const summary = texts.ranking.summary(texts.common.playerCount(total), listed || own.length > 0);
  const isMarked = [...entries, ...around].some(({ provisional }) => provisional);
  const hint = isMarked ? [element("p", { class: "hint" }, texts.ranking.provisional)] : [];
  return [table.node, element("p", { class: "hint" }, summary), ...hint];
}

async function neighbours(rest: Rest, ownId: string, mode: Mode): Promise<readonly RankingEntry[]> {
  const { ratings } = await rest.player(ownId);
  if (!ratings.some((rating) => rating.mode === mode && rating.games > 0)) return [];
  try {
    return (await rest.rankingAround(ownId, mode, RADIUS)).entries;
  } catch (error) {
    // A server can be set to rank accounts only.
    if (problemCode(error) === "NOT_RANKED") return [];
    throw error;
  }
}

function rowOf(entry: RankingEntry, ownId: string | null): Row {
  const { rank, playerId, name, rating, games, wins, losses, provisional } = entry;
  const own = playerId === ownId;
  const link = element("a", { href: linkTo({ screen: "profile", playerId }) }, name ?? unnamed(playerId));
  const player = element("span", {}, ...(own ? ["▶ "] : []), link, ...(own ? [texts.common.you] : []));
  const shown = texts.ranking.rating(rating, provisional);
  return { own, cells: [String(rank), player, shown, ...[games, wins, losses].map(String)] };
}
