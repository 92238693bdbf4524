/** A game that declares its world can declare commands and join options, with types in its step. */
import assert from "node:assert/strict";
import { defineGame } from "../../src/game/defineGame.ts";
import { int, name } from "../../src/game/events.ts";
import { Frames, PERSON } from "../../src/game/Frames.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import { defaultsOf } from "../../src/game/readFields.ts";
import { i32, u16 } from "../../src/game/world/numbers.ts";

const KINDS = ["tower", "wall"] as const;
const siege = defineGame({
  name: "siege",
  rules: { version: "1" },
  modes: { duel: { teams: [0, 1], waitMs: 0, onLeave: "bot", playMs: 60_000, countdownMs: 0 } },
  input: {},
  world: { seats: { score: u16, built: i32, loadout: i32 } },
  commands: { build: { fields: { x: int(0, 99), what: name(KINDS) } } },
  joinOptions: { loadout: int(0, 5).default(2) },
  step(world, _inputs, frames) {
    for (const { seat, data } of frames.commands) world.seats.built[seat] += data.x + KINDS.indexOf(data.what);
    for (let seat = 0; seat < frames.seats; seat++) world.seats.loadout[seat] = frames.options[seat].loadout;
  },
});

describe("a declared world", () => {
  it("gets commands and join options in its step", () => {
    const roster = [0, 1].map((seat) => ({ seat, team: seat, role: 0 }));
    const setup = { mode: "duel", map: siege.maps[0], tickRate: 20, seed: "0".repeat(32), roster };
    const world = GameWorld.create(siege, siege.rules, setup);
    const frames = new Frames(2, siege.inputFields.length, defaultsOf(siege.joinOptions!));
    frames.holder.fill(PERSON);
    for (let tick = 0; tick < 5; tick++) world.step(frames);
    assert.equal(world.status.phase, "playing");
    frames.options[1] = { loadout: 5 };
    frames.commands = [{ seat: 1, name: "build", data: { x: 8, what: "wall" } }];
    world.step(frames);
    const { seats } = world.world;
    assert.deepEqual([seats.built[0], seats.built[1], seats.loadout[0], seats.loadout[1]], [0, 9, 2, 5]);
  });
});
