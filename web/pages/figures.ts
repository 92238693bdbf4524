/** Formats times, results and rating changes. Signs and words carry the meaning, never colour alone. */

import type { MatchHistoryEntry } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";
import { texts } from "../texts.ts";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `time` as RFC 3339; shown in the local time zone. */
export const timeOf = (time: string): HTMLTimeElement =>
  element("time", { datetime: time }, TIME.format(new Date(time)));

const signed = (change: number): string => (change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "±0");

/** An arrow and the change, such as `▲ +12`; a dash for null (not rated). */
export function changeOf(change: number | null): HTMLElement {
  if (change === null) return element("span", { class: "change", title: texts.figures.unrated }, "–");
  const arrow = change > 0 ? "▲" : change < 0 ? "▼" : "◆";
  return element("span", { class: "change" }, element("span", { "aria-hidden": "true" }, `${arrow} `), signed(change));
}

/** The result for one player: `Won 3 : 1`, `Place 4 of 16`, `Left`. The side that stays in an abandoned match wins. */
export function resultOf({ match, team, place, left }: MatchHistoryEntry): string {
  if (left) return texts.figures.left;
  const { teamScores } = match;
  if (teamScores.length > 2) return texts.figures.placeOf(place, teamScores.length);
  const own = teamScores[team] ?? 0;
  const other = teamScores[1 - team] ?? 0;
  const won = own !== other || match.reason === "abandoned";
  const word = place > 1 ? texts.figures.lost : won ? texts.figures.won : texts.figures.draw;
  return `${word} ${own} : ${other}`;
}

/** Minutes and seconds between two times (RFC 3339). */
export function lengthOf(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return texts.figures.minutes(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}
