/** Bots of the load test, connected by `WireConnection`. Each has its own account and plays one open match after another. */

import { Bot, type BotDeps } from "../../loadtest/Bot.ts";
import { botGameOf } from "../../loadtest/BotGame.ts";
import { CrossClientLatency } from "../../loadtest/CrossClientLatency.ts";
import { FixedRateTimer } from "../../loadtest/FixedRateTimer.ts";
import { LoadStats } from "../../loadtest/LoadStats.ts";
import { seededRandom, seedText } from "../../loadtest/seed.ts";
import { wireConnector } from "../../loadtest/WireConnection.ts";
import { arena } from "../../src/arena/game.ts";

const arenaBots = botGameOf(arena);
const SEED = 1;
const JOIN_SPREAD_MS = 5000;

export class Crowd {
  readonly stats = new LoadStats();
  readonly #bots: readonly Bot[];
  readonly #sendTimer: FixedRateTimer;
  readonly #clearTimer: NodeJS.Timeout;

  constructor(url: string, mode: string, rate: number, tokens: readonly string[]) {
    const crossClientLatency = new CrossClientLatency();
    const deps: BotDeps = {
      ...{ open: wireConnector(url, arenaBots, mode, seedText(SEED), true), crossClientLatency },
      ...{ frameFields: arenaBots.inputFields.length, stats: () => this.stats },
      ...{ random: seededRandom(SEED), now: () => performance.now() },
    };
    this.#bots = tokens.map((token, number) => {
      const bot = new Bot(deps, token);
      bot.startIn((number * JOIN_SPREAD_MS) / tokens.length);
      return bot;
    });
    const clock = {
      now: () => performance.now(),
      after(ms: number, run: () => void) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    };
    this.#sendTimer = new FixedRateTimer(tokens.length, rate, clock, (index) => {
      if (this.#bots[index].isPlaying) this.#bots[index].sendFrame();
    });
    this.#clearTimer = setInterval(() => crossClientLatency.clear(), 1000);
  }

  stop(): void {
    this.#sendTimer.stop();
    clearInterval(this.#clearTimer);
    for (const bot of this.#bots) bot.stop();
  }
}
