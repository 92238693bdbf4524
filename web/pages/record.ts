/** Owns a player's record: ratings by mode, and what was played, newest first. */

import type { Profile, RecordEntry } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import { describeProblem } from "../net/problems.ts";
import type { Rest } from "../net/Rest.ts";
import { ROLES } from "../roles.ts";
import { changeOf, resultOf, timeOf } from "./figures.ts";
import { type Content, figureTable, loaded, problem, type Row, showCard } from "./frame.ts";
import { linkTo } from "./route.ts";

const PAGE = 10;
const HEAD = ["When", "Mode", "Role", "Result", "Kills", "Deaths", "Rating"];

/** `whose` tells the player's id; null for somebody who has not played yet. */
export function showRecord(screen: HTMLElement, rest: Rest, whose: () => Promise<string | null>, own: boolean): void {
  const title = element("span", {}, own ? "Your record" : "Record");
  const content = loaded(async () => {
    const playerId = await whose();
    if (playerId === null)
      return [element("p", { class: "hint" }, "You have played nothing yet. Every match that you end stands here.")];
    const profile = await rest.player(playerId);
    title.textContent = own ? "Your record" : (profile.name ?? `Player ${playerId.slice(0, 4)}`);
    return [ratings(profile), ...(await matches(rest, playerId))];
  });
  showCard(screen, [title], "record", content);
}

function ratings({ name, ratings: all }: Profile): HTMLElement {
  if (all.length === 0) return element("p", { class: "lead" }, `${name ?? "Nameless"}, not rated in any mode yet.`);
  const plates = all.map(({ mode, rating, games, wins, losses }) =>
    element(
      "li",
      { "data-testid": `rating-${mode}` },
      mark(modeText(mode).mark),
      element("span", {}, modeText(mode).title, element("b", {}, String(rating))),
      element("small", {}, `${games} rated: ${wins} won, ${losses} lost`),
    ),
  );
  return element("ul", { class: "ratings" }, ...plates);
}

async function matches(rest: Rest, playerId: string): Promise<Content> {
  let { matches: first, next } = await rest.record(playerId, PAGE);
  if (first.length === 0) return [element("p", { class: "hint" }, "No match has been played to its end yet.")];
  const table = figureTable("Matches, newest first", HEAD, HEAD.slice(0, 4), first.map(rowOf));
  const refused = element("div");
  const more = element("button", { type: "button", click: () => void readOn(), "data-testid": "more" }, "More");
  const readOn = async (): Promise<void> => {
    more.disabled = true;
    try {
      const page = await rest.record(playerId, PAGE, next);
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

function rowOf(entry: RecordEntry): Row {
  const { match, role, kills, deaths, ratingBefore, ratingChange } = entry;
  const when = element("a", { href: linkTo({ screen: "match", matchId: match.id }) }, timeOf(match.endedAt));
  const { title, mark: modeMark } = modeText(match.mode);
  const mode = element("span", {}, mark(modeMark), ` ${title}`);
  const played = ROLES[role];
  const as = played === undefined ? "–" : element("span", {}, mark(played.mark), ` ${played.title}`);
  const after = ratingBefore === null ? "" : `${ratingBefore + (ratingChange ?? 0)} `;
  const rating = element("span", {}, after, match.rated ? changeOf(ratingChange) : "not rated");
  return { cells: [when, mode, as, resultOf(entry), String(kills), String(deaths), rating] };
}
