/** Owns the thread that the relay runs on in a program that does more than that, so that sending costs the game no time. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { RelayConfig, RelayStats, RunningRelay } from "./runRelay.ts";

export interface RelayThreadData {
  readonly config: RelayConfig;
  readonly logLevel: string;
  /** In the log. */
  readonly processName: string | undefined;
  readonly statsEveryMs: number;
}

export type ToRelayThread = "stop";

const STATS_EVERY_MS = 250;
const RESTART_MS = 1000;

const none: RelayStats = { acknowledgedTotal: 0, batchesTotal: 0, oldestSeconds: 0, outboxes: {}, problem: null };

/** Starts the relay on a thread; its figures are up to a quarter of a second old. A thread that fails is started again. */
export function startRelayThread(
  config: RelayConfig,
  logLevel: string,
  logger: Logger,
  processName?: string,
): RunningRelay {
  let latest = none;
  let stopping = false;
  /** Acknowledged by threads that failed. */
  let before = none;
  let restart: NodeJS.Timeout | null = null;
  let worker = start();

  function start(): Worker {
    const workerData: RelayThreadData = { config, logLevel, processName, statsEveryMs: STATS_EVERY_MS };
    const thread = new Worker(new URL("./thread.ts", import.meta.url), { workerData });
    thread.on("message", (stats: RelayStats) => {
      latest = {
        ...stats,
        acknowledgedTotal: before.acknowledgedTotal + stats.acknowledgedTotal,
        batchesTotal: before.batchesTotal + stats.batchesTotal,
      };
    });
    thread.on("error", (error) => {
      logger.error({ error: error.message }, "the relay's thread failed and is started again");
      before = latest;
      latest = { ...latest, problem: `the relay failed: ${error.message}` };
      if (!stopping) restart = setTimeout(() => (worker = start()), RESTART_MS);
    });
    return thread;
  }

  return {
    stats: () => latest,
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
