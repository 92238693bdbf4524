/** Names that belong to the platform, so that no game can use them. */
import { matchEvents } from "../../../schema/matchEvents.ts";

/** Rooms of the platform, which clients join by these names. */
export const ROOM_NAMES: readonly string[] = ["queue", "party"];

/** Topics of the platform without the prefix `logs_`, and tables of the warehouse without the prefix `fact_`. */
export const TOPIC_NAMES: readonly string[] = [
  ...["admin", "input", "player", "queue", "rating", "rejected", "stats"],
  ...["participation", "session"],
];

/** Events of the platform in the topic `match`. */
export const MATCH_EVENT_NAMES: readonly string[] = Object.keys(matchEvents);

/** Fields that the platform adds to each event, and the columns of the lake and the warehouse beside those of its fields. */
export const FIELD_NAMES: readonly string[] = [
  ...["i", "idx", "kind", "v", "game", "matchId", "roomId", "mode", "tick", "at", "eventDate"],
  ...["extra", "messageExtra", "logOffset", "appendedAt", "outboxId", "recordNumber"],
];

/** Fields that a recorded frame has beside those of the game's input. */
export const FRAME_FIELD_NAMES: readonly string[] = ["seat", "rewindTicks"];

/** Messages that rooms and clients of the platform send, so that a name means the same in both directions. */
export const MESSAGE_NAMES: readonly string[] = [
  ...["facts", "announce", "operator_message", "commandIgnored", "confirm", "seat", "returned", "queueEnded"],
];
