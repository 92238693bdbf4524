/**
 * Matchmaking: joining one of few or many open rooms, compared with the framework's own Redis driver; pairing 100,000 waiting
 * players; wait and rating difference over a simulated day.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { arena } from "../src/arena/game.ts";
import { type PairingRules, pair, type WaitingEntry } from "../src/matchmaking/pairing/pairing.ts";
import { startServices } from "../tools/services/startServices.ts";
import { dayRows, simulate, writeCharts } from "./matchmaking/day.ts";
import { findRooms, joinRooms } from "./matchmaking/rooms.ts";
import { ratingFrom, seeded } from "./matchmaking/simulated.ts";
import type { Row } from "./Row.ts";

const WAITING = 100_000;
const NOW_MS = 86_400_000;

const rulesFor = (mode: string): PairingRules => {
  const teamSizes = [...Map.groupBy(arena.modes[mode].teams, (team) => team).values()].map((seats) => seats.length);
  return { teamSizes, roleMax: null, score: arena.pairingScore, strategy: "elo" };
};

function waitingEntries(count: number): WaitingEntry[] {
  const random = seeded(3);
  return Array.from({ length: count }, (_, at) => ({
    id: `e${at}`,
    players: [{ playerId: `p${at}`, rating: ratingFrom(random), role: null }],
    enteredAt: NOW_MS - Math.floor(random() * 20_000),
    recent: [],
  }));
}

function pairMany(mode: string): Row {
  const entries = waitingEntries(WAITING);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const startedAt = performance.now();
  const found = pair(rulesFor(mode), entries, NOW_MS, seeded(1));
  const seconds = (performance.now() - startedAt) / 1000;
  const megabytes = Math.round((process.memoryUsage().heapUsed - before) / 2 ** 20);
  const players = found.flat(2).length;
  return {
    name: `${mode}: players paired per second, 100,000 waiting`,
    ...{
      figure: players / seconds,
      unit: "players/s",
      peer: "goal",
      peerFigure: 10_000,
      ratio: players / seconds / 10_000,
    },
    note: `${players} in one pass of ${seconds.toFixed(2)} s, up to ${megabytes} MB more heap`,
  };
}

export async function run(): Promise<Row[]> {
  const dir = path.join(tmpdir(), `hypogeum-bench-${process.pid}`);
  const services = await startServices(["redis"], { dir });
  try {
    const url = services.env.REDIS_URL;
    const rooms = [...(await findRooms(url)), ...(await joinRooms(url))];
    const days = new Map([50, 5000].map((online) => [online, simulate(online, rulesFor("duel"))]));
    writeCharts(days);
    return [
      ...[...rooms, pairMany("duel"), pairMany("squad")],
      ...[...days].flatMap(([online, day]) => dayRows(online, day)),
    ];
  } finally {
    await services.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
