/**
 * A small second game. It ensures that rooms, outbox, sinks and bots depend only on the interface of a game, not on the arena.
 */
import { type SchemaType, schema, t } from "@colyseus/schema";
import { defineGame } from "../../src/game/defineGame.ts";
import { events, type TagRules, TagWorld } from "./TagWorld.ts";

export const TagInput = schema({ dx: t.int8().default(0), dy: t.int8().default(0) }, "TagInput");

export const TagPlayer = schema(
  {
    playerId: t.string().default(""),
    name: t.string().default(""),
    team: t.uint8().default(0),
    role: t.uint8().default(0),
    bot: t.boolean().default(false),
    x: t.uint16().default(0),
    y: t.uint16().default(0),
    it: t.boolean().default(false),
  },
  "TagPlayer",
);
export type TagPlayer = SchemaType<typeof TagPlayer>;

export const TagState = schema(
  {
    tick: t.uint32().default(0),
    phase: t.string().default("waiting"),
    mode: t.string().default(""),
    matchId: t.string().default(""),
    rulesVersion: t.string().default(""),
    endsAtTick: t.uint32().default(0),
    players: t.map(TagPlayer),
  },
  "TagState",
);
export type TagState = SchemaType<typeof TagState>;

const rules: TagRules = { version: "3", speed: 300, itSpeed: 900, reach: 60, playMs: 3000 };

const toward = (from: number, to: number): number => Math.max(-127, Math.min(127, (to - from) * 8));

export const tag = defineGame({
  name: "tag",
  rules,
  roles: ["runner"],
  maps: ["yard"],
  modes: {
    pair: { teams: [0, 1], waitMs: 500, onLeave: "bot" },
    crowd: { teams: [0, 1, 2, 3], waitMs: 500, onLeave: "bot" },
  },
  Input: TagInput,
  inputFields: [
    { name: "dx", min: -127, max: 127 },
    { name: "dy", min: -127, max: 127 },
  ],
  State: TagState,
  PlayerState: TagPlayer,
  players: (state) => state.players,
  events,
  createWorld: TagWorld.create,
  step: (world, frames) => world.step(frames),
  save: (world) => new Uint8Array(world.words.slice().buffer),
  load: (rules, bytes, emit) => {
    if (bytes.byteLength % 16 !== 0)
      throw new Error(`invalid tag world: expected a multiple of 16 bytes, got ${bytes.byteLength}`);
    return new TagWorld(rules, new Int32Array(bytes.slice().buffer), emit);
  },
  hash: (world) => world.hash(),
  status: (world) => world.status(),
  result: (world) => world.result(),
  project: (world, state, playersBySeat) => {
    const { tick, phase, endsAtTick } = world.status();
    Object.assign(state, { tick, phase, endsAtTick });
    playersBySeat.forEach((player, seatNumber) => {
      if (player === null) return;
      player.x = world.words[world.offsetOf(seatNumber)];
      player.y = world.words[world.offsetOf(seatNumber) + 1];
      player.it = world.it === seatNumber;
    });
  },
  sees: () => true,
  botId: "tag-1",
  think: (world, seatNumber, frames) => {
    const target = world.it === seatNumber ? (seatNumber + 1) % world.seats : world.it;
    const sign = world.it === seatNumber ? 1 : -1;
    const row = seatNumber * frames.width;
    for (let axis = 0; axis < 2; axis++) {
      const direction = toward(
        world.words[world.offsetOf(seatNumber) + axis],
        world.words[world.offsetOf(target) + axis],
      );
      frames.values[row + axis] = sign * direction;
    }
    frames.values[row + 2] = 0;
  },
  observationLength: 1,
  observe: (world, seatNumber, out) => {
    out[0] = world.it === seatNumber ? 1 : 0;
  },
  reward: (world, seatNumber) => (world.it === seatNumber ? 0 : 1),
  pairingScore: (a, b) => Math.abs(a.rating - b.rating),
});
