/** A player's profile: ratings by mode and matches, newest first. */

import type { MatchHistoryEntry, Profile } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import { describeProblem } from "../net/problems.ts";
import type { Rest } from "../net/Rest.ts";
import { ROLES } from "../roles.ts";
import { texts } from "../texts.ts";
import { changeOf, resultOf, timeOf } from "./figures.ts";
import { type Content, figureTable, loaded, problem, type Row, showCard, unnamed } from "./frame.ts";
import { linkTo } from "./route.ts";

const PAGE = 10;
/** Date, mode, role and result. */
const TEXT_COLUMNS = [0, 1, 2, 3];

/** `findId` resolves to the id of the player; null for a player who has not played yet. */
export function showProfile(screen: HTMLElement, rest: Rest, findId: () => Promise<string | null>, own: boolean): void {
  const title = element("span", {}, own ? texts.profile.ownTitle : texts.profile.title);
  const content = loaded(async () => {
    const playerId = await findId();
    if (playerId === null) return [element("p", { class: "hint" }, texts.profile.notPlayed)];
    const profile = await rest.player(playerId);
    title.textContent = own ? texts.profile.ownTitle : (profile.name ?? unnamed(playerId));
    return [ratings(profile), ...(await matches(rest, playerId))];
  });
  showCard(screen, [title], "profile", content);
}

function ratings({ name, ratings: all }: Profile): HTMLElement {
  if (all.length === 0) return element("p", { class: "lead" }, texts.profile.unrated(name ?? texts.profile.unnamed));
  const plates = all.map(({ mode, rating, games, wins, losses, provisional }) =>
    element(
      "li",
      { "data-testid": `rating-${mode}` },
      mark(modeText(mode).mark),
      element("span", {}, modeText(mode).title, element("b", {}, texts.ranking.rating(rating, provisional))),
      element("small", {}, texts.profile.balance(games, wins, losses)),
    ),
  );
  const hint = all.some(({ provisional }) => provisional)
    ? [element("p", { class: "hint" }, texts.profile.provisional)]
    : [];
  return element("div", {}, element("ul", { class: "ratings" }, ...plates), ...hint);
}

async function matches(rest: Rest, playerId: string): Promise<Content> {
  let { matches: first, next } = await rest.matchHistory(playerId, PAGE);
  if (first.length === 0) return [element("p", { class: "hint" }, texts.profile.empty)];
  const table = figureTable(texts.profile.caption, texts.profile.columns, TEXT_COLUMNS, first.map(rowOf));
  const refused = element("div");
  const more = element(
    "button",
    { type: "button", click: () => void loadMore(), "data-testid": "more" },
    texts.profile.more,
  );
  const loadMore = async (): Promise<void> => {
    more.disabled = true;
    try {
      const page = await rest.matchHistory(playerId, PAGE, next);
      table.add(page.matches.map(rowOf));
      next = page.next;
      refused.replaceChildren();
    } catch (error) {
      refused.replaceChildren(problem(describeProblem(error)));
    }
    more.disabled = false;
    if (next === null) more.remove();
  };
  return [table.node, refused, ...(next === null ? [] : [element("div", { class: "actions" }, more)])];
}

function rowOf(entry: MatchHistoryEntry): Row {
  const { match, role, kills, deaths, ratingBefore, ratingChange } = entry;
  const when = element("a", { href: linkTo({ screen: "match", matchId: match.id }) }, timeOf(match.endedAt));
  const { title, mark: modeMark } = modeText(match.mode);
  const mode = element("span", {}, mark(modeMark), ` ${title}`);
  const played = ROLES[role];
  const as = played === undefined ? "–" : element("span", {}, mark(played.mark), ` ${played.title}`);
  const after = ratingBefore === null ? "" : `${ratingBefore + (ratingChange ?? 0)} `;
  const rating = element("span", {}, after, match.rated ? changeOf(ratingChange) : texts.profile.unratedMatch);
  return { cells: [when, mode, as, resultOf(entry), String(kills), String(deaths), rating] };
}
