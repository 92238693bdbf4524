/** The entries of the live feed that only one player receives, and announcements. Pure. */
import type { OperatorText } from "../../../../schema/operatorMessages.ts";
import type { OwnEvent, OwnEventName } from "../../../../schema/ownEvents.ts";
import type { QueueMessage } from "../../../../schema/queueEvents.ts";
import type { RatingsChanged } from "../results/EndedMatch.ts";
import { ANNOUNCE, type LiveEntry } from "./LiveFeed.ts";

function ownEntry<N extends OwnEventName>(event: N, to: string, data: OwnEvent<N>): LiveEntry {
  return { event, to, data: JSON.stringify(data) };
}

/** Empty for queue events other than `matched`. */
export function matchFoundEntries(message: QueueMessage): LiveEntry[] {
  const { kind, player, game, matchId, mode, strategy, region, party, waitMs, at } = message;
  if (kind !== "matched" || matchId === null) return [];
  return [ownEntry("match_found", player, { game, matchId, mode, strategy, region, party, waitMs, at })];
}

export function ratingEntries({ game, matchId, mode, endedAt, ratings }: RatingsChanged): LiveEntry[] {
  return ratings.map(({ player, rating, change }) =>
    ownEntry("rating_changed", player, { game, matchId, mode, rating, change, at: endedAt }),
  );
}

export function invitationEntry(to: string, invitation: OwnEvent<"party_invitation">): LiveEntry {
  return ownEntry("party_invitation", to, invitation);
}

/** For one player, or for everyone if `to` is null. */
export function operatorEntry(to: string | null, text: OperatorText): LiveEntry {
  return to === null ? { event: ANNOUNCE, data: JSON.stringify(text) } : ownEntry("operator_message", to, text);
}
