/** The matches and queue events that tests of the warehouse share, and a feed of them. */
import { Feed } from "./Feed.ts";
import { DAY_MS, type MatchMessage, NOON_MS, playMatch, queueMessage, tickMessage, uuidV7 } from "./matches.ts";

export const plans = [
  { number: 1, mode: "duel" },
  { number: 2, mode: "ffa", map: "yard", reason: "captured" },
  { number: 3, mode: "ffa", createdAt: NOON_MS - DAY_MS },
  { number: 4, mode: "duel", reason: "aborted" },
] as const;
export const played = plans.flatMap((plan) => playMatch(plan));
export const queued = Array.from({ length: 9 }, (_, at) => {
  const kind = at % 3 === 2 ? "matched" : "entered";
  return { id: uuidV7(NOON_MS + at, at), at: NOON_MS + at, kind, player: `p${at % 3}`, waitMs: at * 1000 };
});

/** Messages of a match share a partition. */
export const partitionOf = ({ matchId }: MatchMessage) => Number.parseInt(matchId.slice(-1), 16) % 2;

export function feedOf(messages: readonly MatchMessage[] = played): Feed {
  const feed = new Feed();
  for (const one of messages) feed.add(partitionOf(one), tickMessage(one));
  for (const one of queued) feed.add(0, queueMessage(one));
  return feed;
}
