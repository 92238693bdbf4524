/**
 * The public entries of the live feed that result from a message: starts and ends of matches, kills, process statistics. Pure.
 */
import type { MatchEvent, TickValue } from "../../events/messages.ts";
import type { Decoded } from "../decodeMessage.ts";
import { MATCH_TOPIC } from "../eventCatalogue.ts";
import type { LiveEntry } from "./LiveFeed.ts";

export const DEATH_TOPIC = "logs_death";

export function liveEntriesOf(decoded: Decoded): LiveEntry[] {
  if (decoded.type === "stats") {
    const { v, ...stats } = decoded.value;
    return [{ event: "stats", data: JSON.stringify(stats) }];
  }
  if (decoded.type !== "tick") return [];
  const { value, message } = decoded;
  return value.events.flatMap((event) => {
    const name = message.topic === MATCH_TOPIC ? matchEntryName(event) : message.topic === DEATH_TOPIC ? "kill" : null;
    return name === null ? [] : [entryOf(name, value, event)];
  });
}

function matchEntryName({ kind }: MatchEvent): string | null {
  return kind === "started" || kind === "ended" ? kind : null;
}

function entryOf(name: string, { game, matchId, mode, tick, at }: TickValue, event: MatchEvent): LiveEntry {
  const { i, kind, ...fields } = event;
  return { event: name, data: JSON.stringify({ game, matchId, mode, tick, at, ...fields }) };
}
