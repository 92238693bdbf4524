/** Runs the relay on a thread of its own, so that sending takes no time from the game. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { RestartPauses } from "../../platform/async/RestartPauses.ts";
import { siblingModule } from "../../platform/files/siblingModule.ts";
import type { Condition } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { noTracer } from "../../platform/tracing/noTracer.ts";
import type { Span, Tracer } from "../../platform/tracing/Tracer.ts";
import { toLine } from "../log/toLine.ts";
import type { RelayConfig, RelayStats, RunningRelay } from "./runRelay.ts";

export interface RelayThreadData {
  readonly config: RelayConfig;
  readonly logLevel: string;
  /** Process name in the log. */
  readonly processName: string | undefined;
  readonly statsEveryMs: number;
  /** Whether spans are to be posted. */
  readonly isTraced: boolean;
}

export type FromRelayThread = { readonly stats: RelayStats } | { readonly span: Span };

export type ToRelayThread = "stop";

const STATS_EVERY_MS = 250;
const RESTART_FIRST_MS = 1000;
const RESTART_LAST_MS = 60_000;

/** A thread that has posted no statistics for this long is reported. */
const SILENT_MS = 5000;

const broken = (line: string): Condition => ({ line: toLine(line), breaks: "relay" });

const noStats: RelayStats = {
  ...{ acknowledgedTotal: 0, batchesTotal: 0, oldestSeconds: 0, outboxBytes: 0 },
  ...{ outboxes: {}, heldSeconds: {}, refusals: {}, conditions: [broken("the relay is starting")] },
};

/** Starts the relay on a thread, and restarts a thread that fails. The stats are up to a quarter of a second old. */
export function startRelayThread(
  config: RelayConfig,
  logLevel: string,
  logger: Logger,
  processName?: string,
  tracer: Tracer = noTracer,
): RunningRelay {
  let latest = noStats;
  let stopping = false;
  /** Totals of the threads that failed. */
  let earlier = noStats;
  const pauses = new RestartPauses(RESTART_FIRST_MS, RESTART_LAST_MS);
  let restart: NodeJS.Timeout | null = null;
  let postedAtMs = performance.now();
  let worker = start();

  function start(): Worker {
    pauses.onStart();
    restart = null;
    const workerData: RelayThreadData = {
      ...{ config, logLevel, processName },
      ...{ statsEveryMs: STATS_EVERY_MS, isTraced: tracer.isOn },
    };
    const thread = new Worker(siblingModule(import.meta, "./thread"), { workerData });
    postedAtMs = performance.now();
    thread.on("message", (message: FromRelayThread) => {
      if ("span" in message) return tracer.record(message.span);
      const { stats } = message;
      postedAtMs = performance.now();
      latest = {
        ...stats,
        acknowledgedTotal: earlier.acknowledgedTotal + stats.acknowledgedTotal,
        batchesTotal: earlier.batchesTotal + stats.batchesTotal,
      };
    });
    thread.on("error", (error) => {
      const retryInMs = pauses.takeMs();
      logger.error({ retryInMs, error: error.message }, "relay thread failed; restarting");
      earlier = latest;
      latest = { ...latest, conditions: [broken(`the relay thread failed and restarts: ${error.message}`)] };
      if (!stopping) restart = setTimeout(() => (worker = start()), retryInMs);
    });
    return thread;
  }

  return {
    stats() {
      if (stopping || restart !== null || performance.now() - postedAtMs < SILENT_MS) return latest;
      return { ...latest, conditions: [broken("the relay thread does not respond"), ...latest.conditions] };
    },
    async stop() {
      stopping = true;
      if (restart !== null) clearTimeout(restart);
      if (worker.threadId === -1) return;
      const exited = once(worker, "exit");
      worker.postMessage("stop" satisfies ToRelayThread);
      await exited;
    },
  };
}
