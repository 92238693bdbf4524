/** The topic `logs_stats`: one message per second with the statistics of a process. The key is the process's name. */
import * as z from "zod";

const count = z.int().min(0);
const milliseconds = z.number().min(0);

export const statsMessage = z.looseObject({
  v: z.literal(1),
  /** Unix ms. */
  at: count,
  process: z.string().min(1),
  rooms: count,
  players: count,
  /** Lateness of the steps in this second. */
  tickLatenessP50Ms: milliseconds,
  tickLatenessP99Ms: milliseconds,
  tickLatenessMaxMs: milliseconds,
  outboxMode: z.string(),
  outboxBytes: count,
  outboxOldestSeconds: z.number().min(0),
  outboxCommitLagMs: milliseconds,
  /** Number of events dropped because the outbox was too full, since the process started, by topic. */
  shed: z.record(z.string(), count),
  memoryRssBytes: count,
  memoryHeapBytes: count,
});

export type StatsMessage = z.infer<typeof statsMessage>;
