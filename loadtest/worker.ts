/**
 * A worker thread of the load test, which runs some of the bots. It posts its stats once a second, and stops when it receives a
 * message.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Bot, type BotDeps } from "./Bot.ts";
import { CrossClientLatency } from "./CrossClientLatency.ts";
import { FixedRateTimer, processClock } from "./FixedRateTimer.ts";
import { LoadStats } from "./LoadStats.ts";
import { loadBotGame } from "./loadBotGame.ts";
import type { LoadSettings } from "./options.ts";
import { sdkConnector } from "./SdkConnection.ts";
import { seededRandom, seedText } from "./seed.ts";
import { wireConnector } from "./WireConnection.ts";

export interface WorkerSettings {
  readonly url: string;
  readonly kind: "wire" | "sdk";
  readonly games: string | undefined;
  readonly game: string;
  readonly mode: string;
  readonly decode: LoadSettings["decode"];
  readonly rate: number;
  readonly seed: number;
  /** `number` is the bot's number among all bots of the run. `startMs` is the delay before its first join. */
  readonly bots: readonly { readonly number: number; readonly startMs: number; readonly token: string }[];
}

/** Time for the bots to leave before the thread exits. */
const LEAVE_MS = 500;

const settings = workerData as WorkerSettings;
const game = await loadBotGame(settings.games, settings.game);
const seed = seedText(settings.seed);
let stats = new LoadStats();

const deps: BotDeps = {
  open:
    settings.kind === "wire"
      ? wireConnector(settings.url, game, settings.mode, seed, settings.decode === "shared")
      : sdkConnector(settings.url, game, settings.mode, seed),
  crossClientLatency: new CrossClientLatency(),
  frameFields: game.inputFields.length,
  stats: () => stats,
  random: seededRandom(settings.seed + (settings.bots[0]?.number ?? 0)),
  now: () => performance.now(),
};
const bots = settings.bots.map(({ startMs, token }) => {
  const bot = new Bot(deps, token);
  bot.startIn(startMs);
  return bot;
});

const intervalMs = 1000 / settings.rate;
const sendTimer = new FixedRateTimer(bots.length, settings.rate, processClock, (index, lateMs) => {
  const bot = bots[index];
  if (!bot.isPlaying) return;
  stats.recordTime("sendLate", lateMs);
  if (lateMs > intervalMs / 2) stats.counters.lateFrames++;
  bot.sendFrame();
});

function report(): void {
  const reported = stats;
  stats = new LoadStats();
  reported.counters.playing = bots.filter((bot) => bot.isPlaying).length;
  const { counters, refused, errors, measures } = reported;
  parentPort!.postMessage({ counters, refused, errors, measures });
  deps.crossClientLatency.clear();
}
const reports = setInterval(report, 1000);

parentPort!.once("message", () => {
  sendTimer.stop();
  clearInterval(reports);
  report();
  for (const bot of bots) bot.stop();
  setTimeout(() => process.exit(0), LEAVE_MS);
});
