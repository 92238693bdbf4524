/**
 * Bytes that a moving player adds to a patch per tick. Measures by how much a patch grows for each of 16 changed players,
 * compared with JSON of the same fields and with the smallest possible fixed binary frame.
 */
import { Encoder } from "@colyseus/schema";
import { ArenaState, PlayerState } from "../src/arena/ArenaState.ts";
import type { Row } from "./Row.ts";

const PLAYERS = 16;
const TICKS = 200;

interface Change {
  readonly name: string;
  apply(player: PlayerState, tick: number): void;
  /** Bytes of the changed fields in a frame of fixed layout, plus one byte that identifies the player. */
  readonly fixedBytes: number;
  json(player: PlayerState): object;
}

const changes: readonly Change[] = [
  {
    name: "a player whose x and y changed (goal: 9)",
    apply: (player, tick) => {
      player.x = (player.x + 126 + (tick % 3)) % 65_536;
      player.y = (player.y + 120 + (tick % 5)) % 65_536;
    },
    fixedBytes: 1 + 2 + 2,
    json: ({ x, y }) => ({ x, y }),
  },
  {
    name: "a player whose x, y and aim changed (goal: 12)",
    apply: (player, tick) => {
      player.x = (player.x + 126 + (tick % 3)) % 65_536;
      player.y = (player.y + 120 + (tick % 5)) % 65_536;
      player.aim = (player.aim + 911) % 65_536;
    },
    fixedBytes: 1 + 2 + 2 + 2,
    json: ({ x, y, aim }) => ({ x, y, aim }),
  },
];

/** Mean bytes per player that `PLAYERS` changed players add to a patch in which only the tick changed. */
function measure(change: Change): { patch: number; json: number } {
  const state = new ArenaState();
  const players = Array.from({ length: PLAYERS }, (_, seat) => {
    const player = new PlayerState();
    Object.assign(player, { playerId: `p${seat}`, x: 20_000 + seat * 700, y: 30_000 + seat * 500, aim: 10_000 });
    state.players.set(`session-${seat}`, player);
    return player;
  });
  const encoder = new Encoder(state);
  const patchBytes = (): number => {
    const { length } = encoder.encode({ offset: 1 });
    encoder.discardChanges();
    return length - 1;
  };
  patchBytes();
  const total = { patch: 0, json: 0 };
  for (let tick = 1; tick <= TICKS; tick++) {
    state.tick = tick * 2;
    const alone = patchBytes();
    state.tick = tick * 2 + 1;
    for (const player of players) change.apply(player, tick);
    total.patch += (patchBytes() - alone) / PLAYERS;
    const json = Object.fromEntries(players.map((player, seat) => [`session-${seat}`, change.json(player)]));
    total.json += Buffer.byteLength(JSON.stringify(json)) / PLAYERS;
  }
  return { patch: total.patch / TICKS, json: total.json / TICKS };
}

export async function run(): Promise<Row[]> {
  return changes.flatMap((change) => {
    const { name, fixedBytes } = change;
    const { patch, json } = measure(change);
    const row = { name, figure: patch, unit: "B" };
    return [
      { ...row, peer: "the same as JSON", peerFigure: json, ratio: patch / json, note: "per player and tick" },
      {
        ...row,
        ...{ peer: "fixed binary layout, the floor", peerFigure: fixedBytes, ratio: patch / fixedBytes },
        note: "the floor has no room for any other field",
      },
    ];
  });
}
