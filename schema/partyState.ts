import { type SchemaType, schema, t } from "@colyseus/schema";

export const PartyMember = schema(
  {
    playerId: t.string().default(""),
    name: t.string().default(""),
    ready: t.boolean().default(false),
    connected: t.boolean().default(true),
    /** Whether the member has confirmed the match that was found. */
    confirmed: t.boolean().default(false),
  },
  "PartyMember",
);
export type PartyMember = SchemaType<typeof PartyMember>;

export const PartyState = schema(
  {
    /** The 8 characters with which other players join. */
    code: t.string().default(""),
    /** Player id of the leader. */
    leader: t.string().default(""),
    /** `idle`, `queued`, or `found` (a match must be confirmed). */
    phase: t.string().default("idle"),
    mode: t.string().default(""),
    strategy: t.string().default(""),
    waiting: t.uint32().default(0),
    estimatedWaitMs: t.uint32().default(0),
    /** When the party entered the queue, Unix ms; 0 while it is not queued. */
    waitingSince: t.float64().default(0),
    /** By session id. */
    members: t.map(PartyMember),
    game: t.string().default(""),
  },
  "PartyState",
);
export type PartyState = SchemaType<typeof PartyState>;
