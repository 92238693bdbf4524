import { type SchemaType, schema, t } from "@colyseus/schema";

export const QueueState = schema(
  {
    mode: t.string().default(""),
    strategy: t.string().default(""),
    region: t.string().default(""),
    /** Number of players who wait in this mode, strategy and region, on all processes. */
    waiting: t.uint32().default(0),
    /** How long recently matched players waited, in ms; 0 while unknown. */
    estimatedWaitMs: t.uint32().default(0),
  },
  "QueueState",
);
export type QueueState = SchemaType<typeof QueueState>;

/**
 * Queue and party rooms take no inputs. They declare one because the framework then copies each patch for its client. Otherwise sockets
 * would be given a shared buffer, which the next patch overwrites.
 */
export const NoInput = schema({ none: t.uint8().default(0) }, "NoInput");
