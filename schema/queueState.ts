import { type SchemaType, schema, t } from "@colyseus/schema";

export const QueueState = schema(
  {
    mode: t.string().default(""),
    strategy: t.string().default(""),
    region: t.string().default(""),
    /** Number of players on all processes who wait in this mode, strategy and region. */
    waiting: t.uint32().default(0),
    /** Average wait of recently matched players, in ms; 0 while unknown. */
    estimatedWaitMs: t.uint32().default(0),
    game: t.string().default(""),
  },
  "QueueState",
);
export type QueueState = SchemaType<typeof QueueState>;

/**
 * An input without use: queue and party rooms accept no inputs. They declare one because only then does the framework copy each
 * patch for its client. Otherwise, all sockets would share a buffer that the next patch overwrites.
 */
export const NoInput = schema({ none: t.uint8().default(0) }, "NoInput");
