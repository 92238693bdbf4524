/** The module for `GAMES`: a chat room as a game. It has ten seats, and each message is sent to all players. */
import { schema, t } from "@colyseus/schema";
import { defineGame } from "../../src/game/defineGame.ts";
import { events, NUMBER_MAX as MAX, MESSAGE_NUMBERS, TalkWorld } from "./TalkWorld.ts";

export const SEATS = 10;

/** `messageNumber` counts the messages of a player; `w0` to `w3` are the message. */
export const TalkInput = schema(
  {
    messageNumber: t.uint16().default(0),
    w0: t.int32().default(0),
    w1: t.int32().default(0),
    w2: t.int32().default(0),
    w3: t.int32().default(0),
  },
  "TalkInput",
);

const TalkPlayer = schema(
  {
    playerId: t.string().default(""),
    name: t.string().default(""),
    team: t.uint8().default(0),
    role: t.uint8().default(0),
    bot: t.boolean().default(false),
  },
  "TalkPlayer",
);

const TalkState = schema(
  {
    tick: t.uint32().default(0),
    phase: t.string().default("waiting"),
    mode: t.string().default(""),
    matchId: t.string().default(""),
    rulesVersion: t.string().default(""),
    endsAtTick: t.uint32().default(0),
    players: t.map(TalkPlayer),
  },
  "TalkState",
);

const talk = defineGame({
  name: "talk",
  rules: { version: "1" },
  roles: ["person"],
  maps: ["room"],
  modes: { room: { teams: Array(SEATS).fill(0), waitMs: 600_000, onLeave: "bot" } },
  Input: TalkInput,
  inputFields: [
    { name: "messageNumber", min: 0, max: 65_535 },
    ...Array.from({ length: MESSAGE_NUMBERS }, (_, index) => ({ name: `w${index}`, min: -MAX - 1, max: MAX })),
  ],
  State: TalkState,
  PlayerState: TalkPlayer,
  players: (state) => state.players,
  events,
  createWorld: TalkWorld.create,
  step: (world, frames) => world.step(frames),
  save: ({ words }) => new Uint8Array(words.slice().buffer),
  load: (_rules, bytes, emit) => new TalkWorld(new Int32Array(bytes.slice().buffer), emit),
  hash: (world) => world.hash(),
  status: (world) => world.status(),
  result: (world) => world.result(),
  project: (world, state) => {
    const { tick, phase, endsAtTick } = world.status();
    Object.assign(state, { tick, phase, endsAtTick });
  },
  sees: () => true,
  botId: "talk-1",
  think: (_world, seat, frames) => frames.idle(seat),
  observationLength: 1,
  observe: (_world, _seat, out) => out.fill(0),
  reward: () => 0,
  pairingScore: (a, b) => Math.abs(a.rating - b.rating),
});

export const games = [talk];
