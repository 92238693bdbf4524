/** Generated matches whose events are numbered across all topics of a tick and counted in `ended`, as rooms do it. */
import { type MatchMessage, type MatchPlan, playMatch } from "../sinks/matches.ts";

const ORDER = ["logs_match", "logs_move", "logs_attack", "logs_heal", "logs_death"];

/** @param shed events by topic that `ended` says were dropped. */
export function wholeMatch(plan: MatchPlan, shed: Readonly<Record<string, number>> = {}): MatchMessage[] {
  const messages = playMatch(plan).sort((a, b) => a.tick - b.tick || ORDER.indexOf(a.topic) - ORDER.indexOf(b.topic));
  const counts: Record<string, number> = {};
  for (const { topic, events } of messages) counts[topic] = (counts[topic] ?? 0) + events.length;
  let [tick, i] = [-1, 0];
  return messages.map((one) => {
    if (one.tick !== tick) [tick, i] = [one.tick, 0];
    const events = one.events.map((event) => ({
      i: i++,
      ...event,
      ...(event.kind === "ended" && { counts, shed }),
    }));
    return { ...one, events };
  });
}
