/** Owns the synced state of a queue room: declarations only. */
import { type SchemaType, schema, t } from "@colyseus/schema";

export const QueueState = schema(
  {
    mode: t.string().default(""),
    strategy: t.string().default(""),
    region: t.string().default(""),
    /** Players who wait in this mode, strategy and region, on all processes. */
    waiting: t.uint32().default(0),
    /** How long players waited that were matched lately, in ms; 0 while unknown. */
    estimatedWaitMs: t.uint32().default(0),
  },
  "QueueState",
);
export type QueueState = SchemaType<typeof QueueState>;

/** Neither queue nor party takes inputs; with a declared input the framework gives each frame to the socket as a copy. */
export const NoInput = schema({ none: t.uint8().default(0) }, "NoInput");
