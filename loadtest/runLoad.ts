/**
 * One run: signs the bots in, starts the workers, merges their stats second by second with samples of the server, and stops
 * everything. Prints nothing.
 */
import os from "node:os";
import { Worker } from "node:worker_threads";
import { siblingModule } from "../src/platform/files/siblingModule.ts";
import { LoadStats, type LoadStatsMessage } from "./LoadStats.ts";
import { judge, type Limits, type Verdict } from "./limits.ts";
import type { LoadSettings } from "./options.ts";
import { type HistogramCounts, MetricsSource, ProcSource, type ServerSource } from "./ServerSamples.ts";
import { signIn } from "./signIn.ts";
import { percentilesByMeasure, type Second, type Summary, summarise } from "./summary.ts";
import type { WorkerSettings } from "./worker.ts";

export interface LoadResult {
  readonly settings: LoadSettings;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly machine: string;
  /** Number of bots that were signed in, and therefore played. */
  readonly identities: number;
  readonly summary: Summary;
  readonly verdicts: readonly Verdict[];
  readonly seconds: readonly Second[];
}

export interface RunHooks {
  onSecond?(second: Second): void;
  /** Receives one line of text about the reason if the start is delayed. */
  notify?(text: string): void;
  /** Tokens of players who are already signed in. If absent, the run signs players in. */
  readonly tokens?: readonly string[];
  /** When aborted, the run ends early, as if its time were over. */
  readonly signal?: AbortSignal;
}

/** Rejects if no player can be signed in, or if a worker fails. */
export async function runLoad(settings: LoadSettings, limits: Limits = {}, hooks: RunHooks = {}): Promise<LoadResult> {
  const startedAt = new Date().toISOString();
  const signedIn = hooks.tokens ?? (await signIn(settings.url, settings.bots, hooks.notify));
  const tokens = signedIn.slice(0, settings.bots);
  const run = new Run(settings, tokens, hooks);
  await run.untilFinished();
  const summary = run.summary();
  return {
    ...{ settings, startedAt, machine: machineText(), identities: tokens.length, summary },
    verdicts: judge(summary, limits),
    seconds: run.seconds,
  };
}

function machineText(): string {
  const cores = os.cpus();
  return `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

class Run {
  readonly seconds: Second[] = [];
  private readonly settings: LoadSettings;
  private readonly hooks: RunHooks;
  private readonly all = new LoadStats();
  private readonly steady = new LoadStats();
  private readonly sources: readonly ServerSource[];
  private readonly workers: readonly Worker[];
  private unmerged: LoadStatsMessage[] = [];
  /** Bots with a seat, as each worker last reported. */
  private readonly playing: number[] = [];
  private failure: Error | null = null;
  private isSteady = false;

  constructor(settings: LoadSettings, tokens: readonly string[], hooks: RunHooks) {
    this.settings = settings;
    this.hooks = hooks;
    const metrics = settings.metrics.map((address) => new MetricsSource(address));
    this.sources = [...metrics, ...settings.pids.map((pid) => new ProcSource(pid))];
    this.workers = assignBots(settings, tokens).map((workerData, at) => this.startWorker(workerData, at));
  }

  /** Resolves when the time is over and every worker has exited. Rejects if a worker fails. */
  async untilFinished(): Promise<void> {
    const exits = this.workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    const startedAt = performance.now();
    const { seconds } = this.settings;
    for (let second = 1; second <= Math.ceil(seconds) && !this.isOver; second++) {
      await this.pause(startedAt + Math.min(second, seconds) * 1000 - performance.now());
      await this.closeSecond(second);
    }
    for (const worker of this.workers) worker.postMessage("stop");
    await Promise.all(exits);
    // Stats that arrive after the end still count, because they may contain failed checks.
    for (const stats of this.unmerged.splice(0)) this.all.add(stats);
    if (this.failure !== null) throw this.failure;
  }

  summary(): Summary {
    const { settings, all, steady, seconds } = this;
    const playing = seconds.at(-1)?.counters.playing ?? 0;
    return summarise({ bots: settings.bots, all, steady, playing, lateness: this.lateness() });
  }

  private get isOver(): boolean {
    return this.failure !== null || (this.hooks.signal?.aborted ?? false);
  }

  private startWorker(workerData: WorkerSettings, at: number): Worker {
    // The SDK prints every reconnection to the console; reports already count them.
    const worker = new Worker(siblingModule(import.meta, "./worker"), { workerData, stdout: true });
    worker.on("message", (message: LoadStatsMessage) => {
      this.playing[at] = message.counters.playing;
      this.unmerged.push(message);
    });
    worker.on("error", (error) => {
      this.failure ??= error as Error;
    });
    return worker;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.hooks;
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      signal?.addEventListener("abort", end);
      if (signal?.aborted) end();
    });
  }

  private async closeSecond(at: number): Promise<void> {
    const servers = await Promise.all(this.sources.map((source) => source.sample()));
    const stats = new LoadStats();
    // On a busy machine, the stats of two seconds of a worker may arrive in the same second.
    for (const message of this.unmerged.splice(0)) stats.add(message);
    stats.counters.playing = this.playing.reduce((sum, playing) => sum + playing, 0);
    this.all.add(stats);
    if (this.isSteady) {
      this.steady.add(stats);
    } else if (at >= this.settings.ramp) {
      this.isSteady = true;
      for (const source of this.sources) source.mark();
    }
    const { counters, refused, errors } = stats;
    const second: Second = {
      at,
      counters: { ...counters },
      refused,
      errors,
      times: percentilesByMeasure(stats),
      servers,
    };
    this.seconds.push(second);
    this.hooks.onSecond?.(second);
  }

  /** Lateness of the steps of all server processes together, after the ramp. */
  private lateness(): HistogramCounts | null {
    const measured = this.sources.map((source) => source.lateness()).filter((counts) => counts !== null);
    if (measured.length === 0) return null;
    const counts = measured[0].counts.map((_, i) => measured.reduce((sum, one) => sum + (one.counts[i] ?? 0), 0));
    return { bounds: measured[0].bounds, counts };
  }
}

/** Assigns the signed-in bots to the workers in turn, so that the bots of each worker join evenly over the ramp. */
function assignBots(settings: LoadSettings, tokens: readonly string[]): WorkerSettings[] {
  const { url, games, game, kind, mode, decode, rate, seed, ramp } = settings;
  return Array.from({ length: Math.min(settings.workers, tokens.length) }, (_, worker) => {
    const numbers = Array.from(tokens.keys()).filter((number) => number % settings.workers === worker);
    const assigned = numbers.map((number) => ({
      number,
      startMs: (number / tokens.length) * ramp * 1000,
      token: tokens[number],
    }));
    return { url, games, game, kind, mode, decode, rate, seed, bots: assigned };
  });
}
