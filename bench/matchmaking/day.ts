/**
 * Simulates a day of duels with the pairing function alone, and measures how long players wait, how far apart their ratings are,
 * and which difference was allowed.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type PairingRules, pair, type WaitingEntry } from "../../src/matchmaking/pairing/pairing.ts";
import { dayChart, type Series } from "../plots/dayChart.ts";
import type { Row } from "../Row.ts";
import { percentile, ratingFrom, seeded } from "./simulated.ts";

const DAY_MS = 86_400_000;
/** The program's own interval between pairing passes. */
const PASS_MS = 500;
const PLAY_MS = 120_000;
const PAUSE_MS = 240_000;
/** Larger than any rating difference. */
const POINTS_MAX = 1 << 14;

interface Hour {
  /** 90th percentile of the wait, in s. */
  readonly waitS: number;
  /** 90th percentiles of the rating difference of a pair, and of the largest difference that was allowed, in points. */
  readonly points: number;
  readonly tolerance: number;
}

export interface Day {
  readonly waitMs: Float64Array;
  readonly difference: Float64Array;
  readonly byHour: readonly Hour[];
}

type Waiting = WaitingEntry & { readonly player: number };

/** The largest rating difference that the game's own score allows for two players with these waits. Found by bisection. */
function toleranceOf({ score }: PairingRules, waitsMs: readonly number[]): number {
  const [a, b] = waitsMs.map((waitMs) => ({ role: -1, waitMs }));
  let least = 0;
  for (let step = POINTS_MAX / 2; step >= 1; step /= 2)
    if (score({ ...a, rating: 0 }, { ...b, rating: least + step }) !== null) least += step;
  return least;
}

/** Players who will enter the queue later, by the first pairing pass after that. */
class Arrivals {
  readonly #byPass = new Map<number, { readonly player: number; readonly atMs: number }[]>();

  add(player: number, atMs: number): void {
    const pass = Math.ceil(atMs / PASS_MS);
    const arrived = this.#byPass.get(pass);
    if (arrived === undefined) this.#byPass.set(pass, [{ player, atMs }]);
    else arrived.push({ player, atMs });
  }

  at(pass: number) {
    const arrived = this.#byPass.get(pass) ?? [];
    this.#byPass.delete(pass);
    return arrived;
  }
}

/** Simulates a day of duels of `online` players. A match takes two minutes. After it, players pause, less long in the evening. */
export function simulate(online: number, rules: PairingRules): Day {
  const random = seeded(7);
  const hours = Array.from({ length: 24 }, () => ({
    waits: [] as number[],
    apart: [] as number[],
    allowed: [] as number[],
  }));
  const arrivals = new Arrivals();
  const ratings = Array.from({ length: online }, () => ratingFrom(random));
  for (const player of ratings.keys()) arrivals.add(player, random() * 150_000);
  let waiting: Waiting[] = [];
  for (let pass = 0; pass * PASS_MS < DAY_MS; pass++) {
    const now = pass * PASS_MS;
    for (const { player, atMs } of arrivals.at(pass)) {
      const players = [{ playerId: `p${player}`, rating: ratings[player], role: null }];
      waiting.push({ id: `p${player}`, players, enteredAt: atMs, recent: [], player });
    }
    const found = pair(rules, waiting, now, random);
    if (found.length === 0) continue;
    const { waits, apart, allowed } = hours[Math.floor((now / DAY_MS) * 24)];
    const evening = 1 + Math.cos((2 * Math.PI * (now - 0.8 * DAY_MS)) / DAY_MS);
    for (const [[a], [b]] of found) {
      const waited = [now - a.enteredAt, now - b.enteredAt];
      waits.push(...waited);
      apart.push(Math.abs(ratings[a.player] - ratings[b.player]));
      allowed.push(toleranceOf(rules, waited));
      for (const { player } of [a, b]) arrivals.add(player, now + PLAY_MS + (random() * PAUSE_MS) / (0.2 + evening));
    }
    const paired = new Set(found.flat(2));
    waiting = waiting.filter((entry) => !paired.has(entry));
  }
  const sorted = (values: readonly number[]) => Float64Array.from(values).sort();
  const p90 = (values: readonly number[]) => percentile(sorted(values), 0.9);
  return {
    waitMs: sorted(hours.flatMap(({ waits }) => waits)),
    difference: sorted(hours.flatMap(({ apart }) => apart)),
    byHour: hours.map(({ waits, apart, allowed }) => ({
      ...{ waitS: p90(waits) / 1000, points: p90(apart), tolerance: p90(allowed) },
    })),
  };
}

/** Writes two charts to docs/pictures: wait and rating difference by hour. */
export function writeCharts(days: ReadonlyMap<number, Day>): void {
  const colours = ["#0b6e99", "#c2571a"];
  const lines = (name: string, of: (hour: Hour) => number, dashed = false): Series[] =>
    [...days].map(([online, { byHour }], at) => ({
      ...{ name: `${online.toLocaleString("en")} people${name}`, colour: colours[at], byHour: byHour.map(of), dashed },
    }));
  const wait = dayChart(
    "Wait for a duel, 90th percentile of each hour",
    "s",
    lines("", ({ waitS }) => waitS),
  );
  const apart = dayChart("Duels: rating difference, and the tolerance at that wait; 90th percentiles", "points", [
    ...lines("", ({ points }) => points),
    ...lines(", tolerance", ({ tolerance }) => tolerance, true),
  ]);
  const pictures = path.resolve(import.meta.dirname, "../../docs/pictures");
  writeFileSync(path.join(pictures, "queue-wait.svg"), wait);
  writeFileSync(path.join(pictures, "queue-difference.svg"), apart);
}

export function dayRows(online: number, { waitMs, difference }: Day): Row[] {
  const shown = online.toLocaleString("en");
  const median = percentile(waitMs, 0.5) / 1000;
  const late = percentile(waitMs, 0.99) / 1000;
  return [
    {
      name: `wait of ${shown} people for duels over a day, p99`,
      ...{ figure: late, unit: "s", peer: "its median", peerFigure: median, ratio: late / (median || 1) },
      note: `${waitMs.length} players matched`,
    },
    {
      name: `rating difference of ${shown} people's duels, p99`,
      ...{
        figure: percentile(difference, 0.99),
        unit: "points",
        peer: "its median",
        peerFigure: percentile(difference, 0.5),
      },
      ratio: percentile(difference, 0.99) / (percentile(difference, 0.5) || 1),
      note: "tolerance 100, and 20 more for each second waited",
    },
  ];
}
