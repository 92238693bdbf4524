/** The sinks thread, as seen from the game thread: starts it, restarts it when it fails, reads its statistics, stops it. */
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { toLine } from "../../pipeline/log/toLine.ts";
import { RestartPauses } from "../../platform/async/RestartPauses.ts";
import { within } from "../../platform/async/waiting.ts";
import { siblingModule } from "../../platform/files/siblingModule.ts";
import { type Condition, conditionsOf } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { GameThreadApi, SinksSettings, SinksStats, SinksThreadApi } from "./threadApis.ts";

const RESTART_FIRST_MS = 1000;
const RESTART_LAST_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const STATS_WITHIN_MS = 1000;
const SILENT: Condition = { line: "the sinks thread does not respond", breaks: "sinks" };
const STARTING = "the sinks are starting";

function withConditions(conditions: readonly Condition[], stats: SinksStats): SinksStats {
  return { ...stats, conditions: [...conditions, ...stats.conditions] };
}

export class SinksThread {
  readonly #settings: SinksSettings;
  readonly #game: GameThreadApi;
  readonly #logger: Logger;
  #worker!: Worker;
  #api!: comlink.Remote<SinksThreadApi>;
  readonly #pauses = new RestartPauses(RESTART_FIRST_MS, RESTART_LAST_MS);
  #restart: NodeJS.Timeout | null = null;
  /** Why the sinks do not run; null while they do. */
  #failure: string | null = STARTING;
  #latest: SinksStats = { lag: {}, rejected: {}, putFailures: {}, deletedDays: {}, conditions: [] };
  #stopping = false;

  constructor(settings: SinksSettings, game: GameThreadApi, logger: Logger) {
    this.#settings = settings;
    this.#game = game;
    this.#logger = logger;
    this.#start();
  }

  /** The current statistics. If the thread does not respond, the last known ones, with that condition. */
  async stats(): Promise<SinksStats> {
    const failure = conditionsOf([this.#failure], "sinks");
    if (this.#restart !== null) return withConditions(failure, this.#latest);
    try {
      this.#latest = await within(STATS_WITHIN_MS, this.#api.stats(), SILENT.line);
      return withConditions(failure, this.#latest);
    } catch {
      return withConditions(failure.length > 0 ? failure : [SILENT], this.#latest);
    }
  }

  /** Lets every sink finish its batch and store its offset. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) {
      clearTimeout(this.#restart);
      return;
    }
    if (this.#worker.threadId === -1) return;
    const exited = once(this.#worker, "exit");
    this.#api.stop().catch(() => {});
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_WITHIN_MS);
    await exited;
    clearTimeout(timer);
  }

  #start(): void {
    this.#restart = null;
    this.#pauses.onStart();
    this.#game.clearAll();
    const { port1, port2 } = new MessageChannel();
    comlink.expose(this.#game, nodeEndpoint(port1));
    const workerData = { settings: this.#settings, gamePort: port2 };
    this.#worker = new Worker(siblingModule(import.meta, "./sinksEntry"), { workerData, transferList: [port2] });
    this.#api = comlink.wrap<SinksThreadApi>(nodeEndpoint(this.#worker));
    this.#worker.on("error", (error) => this.#failed(error));
    this.#worker.once("exit", () => port1.close());
    this.#api.start().then(
      () => {
        this.#failure = null;
      },
      (error: Error) => {
        this.#failed(error);
        void this.#worker.terminate();
      },
    );
  }

  #failed(error: Error): void {
    if (this.#stopping || this.#restart !== null) return;
    const retryInMs = this.#pauses.takeMs();
    this.#failure = toLine(`sinks thread failed, restarting: ${error.message}`);
    this.#logger.error({ retryInMs, error: error.message }, "sinks thread failed; restarting");
    this.#restart = setTimeout(() => this.#start(), retryInMs);
  }
}
