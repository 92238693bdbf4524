/** Owns people who play one open match after another, by the load test's wire bots, each with an account of its own. */
import { arenaBots } from "../../loadtest/arenaBots.ts";
import { Bot, type BotSurroundings } from "../../loadtest/Bot.ts";
import { Metronome } from "../../loadtest/Metronome.ts";
import { Sightings } from "../../loadtest/Sightings.ts";
import { seededRandom, seedText } from "../../loadtest/seed.ts";
import { Tally } from "../../loadtest/Tally.ts";
import { wireLines } from "../../loadtest/WireLine.ts";

const SEED = 1;
const JOIN_OVER_MS = 5000;

export class Crowd {
  readonly tally = new Tally();
  readonly #bots: readonly Bot[];
  readonly #metronome: Metronome;
  readonly #forgetting: NodeJS.Timeout;

  constructor(url: string, mode: string, rate: number, tokens: readonly string[]) {
    const sightings = new Sightings();
    const around: BotSurroundings = {
      ...{ open: wireLines(url, arenaBots, mode, seedText(SEED), true), sightings },
      ...{ frameFields: arenaBots.inputFields.length, tally: () => this.tally },
      ...{ random: seededRandom(SEED), now: () => performance.now() },
    };
    this.#bots = tokens.map((token, number) => {
      const bot = new Bot(around, [token], 0);
      bot.startIn((number * JOIN_OVER_MS) / tokens.length);
      return bot;
    });
    const clock = {
      now: () => performance.now(),
      after(ms: number, run: () => void) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    };
    this.#metronome = new Metronome(tokens.length, rate, clock, (index) => {
      if (this.#bots[index].playing) this.#bots[index].beat();
    });
    this.#forgetting = setInterval(() => sightings.forgetAll(), 1000);
  }

  stop(): void {
    this.#metronome.stop();
    clearInterval(this.#forgetting);
    for (const bot of this.#bots) bot.stop();
  }
}
