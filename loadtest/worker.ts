/**
 * One worker of the load test: its share of the bots, on a thread of its own. Posts what it counted once a second, and stops when it
 * is told to.
 */
import { parentPort, workerData } from "node:worker_threads";
import { arenaBots } from "./arenaBots.ts";
import { Bot, type BotSurroundings } from "./Bot.ts";
import { Metronome, processClock } from "./Metronome.ts";
import type { LoadSettings } from "./options.ts";
import { sdkLines } from "./SdkLine.ts";
import { Sightings } from "./Sightings.ts";
import { seededRandom, seedText } from "./seed.ts";
import { Tally } from "./Tally.ts";
import { wireLines } from "./WireLine.ts";

export interface WorkerSettings {
  readonly url: string;
  readonly kind: "wire" | "sdk";
  readonly mode: string;
  readonly decode: LoadSettings["decode"];
  readonly rate: number;
  readonly seed: number;
  readonly tokens: readonly string[];
  /** For each bot of this worker its number among all, and when it starts, in ms from now. */
  readonly bots: readonly { readonly number: number; readonly startMs: number }[];
}

/** How long leaving may take. */
const LEAVE_MS = 500;

const settings = workerData as WorkerSettings;
const game = arenaBots;
const seed = seedText(settings.seed);
let tally = new Tally();

const around: BotSurroundings = {
  open:
    settings.kind === "wire"
      ? wireLines(settings.url, game, settings.mode, seed, settings.decode === "shared")
      : sdkLines(settings.url, game, settings.mode, seed),
  sightings: new Sightings(),
  frameFields: game.inputFields.length,
  tally: () => tally,
  random: seededRandom(settings.seed + (settings.bots[0]?.number ?? 0)),
  now: () => performance.now(),
};
const bots = settings.bots.map(({ number, startMs }) => {
  const bot = new Bot(around, settings.tokens, number);
  bot.startIn(startMs);
  return bot;
});

const intervalMs = 1000 / settings.rate;
const metronome = new Metronome(bots.length, settings.rate, processClock, (index, lateMs) => {
  const bot = bots[index];
  if (!bot.playing) return;
  tally.time("sendLate", lateMs);
  if (lateMs > intervalMs / 2) tally.counters.lateFrames++;
  bot.beat();
});

function report(): void {
  const done = tally;
  tally = new Tally();
  done.counters.playing = bots.filter((bot) => bot.playing).length;
  const { counters, refused, errors, times } = done;
  parentPort!.postMessage({ counters, refused, errors, times });
  around.sightings.forgetAll();
}
const reports = setInterval(report, 1000);

parentPort!.once("message", () => {
  metronome.stop();
  clearInterval(reports);
  report();
  for (const bot of bots) bot.stop();
  setTimeout(() => process.exit(0), LEAVE_MS);
});
