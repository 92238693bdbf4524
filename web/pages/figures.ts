/** Owns how times, results and rating changes are written. Signs and words carry the meaning, never colour. */

import type { RecordEntry } from "../../schema/restAnswers.ts";
import { element } from "../element.ts";

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** `time` as RFC 3339, shown by the reader's own clock. */
export const timeOf = (time: string): HTMLTimeElement =>
  element("time", { datetime: time }, TIME.format(new Date(time)));

const signed = (change: number): string => (change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "±0");

/** An arrow and the change, such as `▲ +12`; a dash where nothing was rated. */
export function changeOf(change: number | null): HTMLElement {
  if (change === null) return element("span", { class: "change", title: "not rated" }, "–");
  const arrow = change > 0 ? "▲" : change < 0 ? "▼" : "◆";
  return element("span", { class: "change" }, element("span", { "aria-hidden": "true" }, `${arrow} `), signed(change));
}

/** How a match went for one side: `Won 3 : 1`, `Place 4 of 16`, `Left`. Who stays to the end of an abandoned match wins. */
export function resultOf({ match, team, place, left }: RecordEntry): string {
  if (left) return "Left";
  const { teamScores } = match;
  if (teamScores.length > 2) return `Place ${place} of ${teamScores.length}`;
  const own = teamScores[team] ?? 0;
  const other = teamScores[1 - team] ?? 0;
  const won = own !== other || match.reason === "abandoned";
  const word = place > 1 ? "Lost" : won ? "Won" : "Draw";
  return `${word} ${own} : ${other}`;
}

/** Minutes and seconds between two times as RFC 3339. */
export function lengthOf(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}
