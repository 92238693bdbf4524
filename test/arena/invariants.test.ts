import assert from "node:assert/strict";
import fc from "fast-check";
import { events } from "../../src/arena/events.ts";
import { result, status } from "../../src/arena/result.ts";
import { METRE, rules } from "../../src/arena/rules.ts";
import type { World } from "../../src/arena/World.ts";
import { packingOf } from "../../src/game/events.ts";
import { BOT, type Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import { PLAYING } from "../../src/game/kit/clock.ts";
import { changedRules, factsOf, newMatch, put, type RawFact, step } from "./match.ts";

/** Rules with short times, so that much happens in few ticks. */
const hasty = changedRules((draft) => {
  draft.respawnMs = 400;
  draft.protectionMs = 200;
  for (const mode of Object.values<any>(draft.modes)) {
    mode.countdownMs = 300;
    mode.timeLimitMs = 8000;
    mode.scoreLimit = mode.scoreLimit && 6;
  }
  for (const role of draft.roles) {
    role.hp = 40;
    role.healCooldownMs = 500;
  }
});

/** Checks after each step that the world changed only in permitted ways. */
class Watch {
  readonly world: World;
  private phase = 0;
  private readonly alive: Int32Array;
  private readonly x: Int32Array;
  private readonly y: Int32Array;
  private readonly hp: Int32Array;
  readonly counts = { kills: 0, deaths: 0 };

  constructor(world: World) {
    this.world = world;
    this.phase = world.globals.phase;
    this.alive = world.alive.slice();
    this.x = world.x.slice();
    this.y = world.y.slice();
    this.hp = world.hp.slice();
  }

  check(): void {
    const { world } = this;
    const facts = factsOf(world);
    this.checkPhase();
    for (const fact of facts) checkWellFormed(world, fact);
    this.checkBodies(facts);
    this.checkFights(facts);
    assert.equal(this.counts.deaths, sum(world.deaths));
    assert.equal(this.counts.deaths, sum(world.kills));
    assert.equal(this.counts.deaths, sum(world.teamScores));
    this.alive.set(world.alive);
    this.x.set(world.x);
    this.y.set(world.y);
    this.hp.set(world.hp);
    this.phase = world.globals.phase;
  }

  private checkPhase(): void {
    const now = this.world.globals.phase;
    const back = this.phase === 1 && now === 0;
    assert.ok(back || now - this.phase === 0 || now - this.phase === 1, `phase ${this.phase} to ${now}`);
  }

  private checkBodies(facts: RawFact[]): void {
    const { world } = this;
    for (let seat = 0; seat < world.seats; seat++) {
      const [x, y, hp] = [world.x[seat], world.y[seat], world.hp[seat]];
      assert.ok(hp >= 0 && hp <= world.maxHp[seat], `hp ${hp}`);
      assert.equal(world.alive[seat] === 1, hp > 0);
      if (world.alive[seat] === 0) continue;
      const { geometry } = world;
      const r = world.rules.bodyRadius;
      assert.ok(
        x - r >= geometry.x0 && x + r <= geometry.x1 && y - r >= geometry.y0 && y + r <= geometry.y1,
        `${x},${y} outside`,
      );
      for (let i = 0; i < geometry.walls.length; i += 4) {
        const [x0, y0, x1, y1] = geometry.walls.subarray(i, i + 4);
        assert.ok(x + r <= x0 || x - r >= x1 || y + r <= y0 || y - r >= y1, `${x},${y} in a wall`);
      }
      const lived = this.alive[seat] === 1 && world.bornTick[seat] < world.globals.tick;
      const stride = world.tickRules.strides[world.role[seat]];
      if (lived) assert.ok((x - this.x[seat]) ** 2 + (y - this.y[seat]) ** 2 <= stride ** 2, "too fast");
    }
    for (const { kind, words } of facts) {
      if (kind === "move")
        assert.deepEqual(words, [words[0], world.x[words[0]], world.y[words[0]], world.aim[words[0]]]);
      if (kind === "respawned") assert.equal(this.alive[words[0]], 0);
    }
  }

  private checkFights(facts: RawFact[]): void {
    const { world } = this;
    const died = new Set<number>();
    for (const { kind, words } of facts) {
      if (kind === "attack" || kind === "heal" || kind === "death")
        assert.equal(this.phase >= PLAYING || world.globals.phase >= PLAYING, true);
      if (kind === "attack" && words[1] >= 0) {
        assert.notEqual(world.team[words[0]], world.team[words[1]], "friendly fire");
        assert.ok(words[3] > 0 && words[4] >= 0);
      }
      if (kind === "heal") {
        assert.equal(world.team[words[0]], world.team[words[1]]);
        assert.ok(
          words[2] > 0 && words[3] <= world.maxHp[words[1]] && words[3] > words[2],
          "heals the dead or too much",
        );
      }
      if (kind === "death") {
        assert.ok(!died.has(words[0]) && world.alive[words[0]] === 0, "dies twice");
        died.add(words[0]);
        assert.equal(words[2] & (1 << words[1]), 0, "the killer assists");
        assert.equal(words[2] & (1 << words[0]), 0);
        this.counts.deaths++;
      }
    }
    for (let seat = 0; seat < world.seats; seat++) {
      const fell = this.alive[seat] === 1 && world.alive[seat] === 0 && world.globals.phase >= PLAYING;
      if (fell) assert.ok(died.has(seat), "falls without a death");
    }
  }
}

const sum = (values: Int32Array): number => values.reduce((a, b) => a + b, 0);

function checkWellFormed(world: World, { kind, words }: RawFact): void {
  const declaration = events[kind];
  let at = 0;
  for (const [name, field] of Object.entries(declaration.fields)) {
    const packing = packingOf(field);
    const word = words[at];
    switch (packing.as) {
      case "int":
        assert.ok(word >= packing.min && word <= packing.max, `${name} ${word}`);
        break;
      case "seat":
        assert.ok(word >= (name === "target" ? -1 : 0) && word < world.seats, `${name} ${word}`);
        break;
      case "name":
        assert.ok(word >= 0 && word < packing.names.length);
        break;
      case "seats":
        assert.equal(world.seats < 32 ? word >>> world.seats : 0, 0);
        break;
    }
    at++;
  }
  assert.equal(at, words.length);
}

interface Burst {
  seat: number;
  moveX: number;
  moveY: number;
  aim: number;
  buttons: number;
  rewind: number;
  holder: number;
  role: number;
  ticks: number;
}

const burst = fc.record({
  seat: fc.nat({ max: 15 }),
  moveX: fc.integer({ min: -128, max: 127 }),
  moveY: fc.integer({ min: -128, max: 127 }),
  aim: fc.nat({ max: 65_535 }),
  buttons: fc.nat({ max: 255 }),
  rewind: fc.integer({ min: -10, max: 300 }),
  holder: fc.oneof(
    { weight: 12, arbitrary: fc.constant(PERSON) },
    { weight: 2, arbitrary: fc.constant(BOT) },
    { weight: 1, arbitrary: fc.constant(NOBODY) },
  ),
  role: fc.nat({ max: 255 }),
  ticks: fc.nat({ max: 12 }),
});

function apply(frames: Frames, { seat, moveX, moveY, aim, buttons, rewind, holder, role }: Burst): void {
  const index = seat % frames.seats;
  frames.values.set([moveX, moveY, aim, buttons, rewind], index * frames.width);
  frames.holder[index] = holder;
  frames.role[index] = role;
}

describe("a world keeps its invariants under any frames", () => {
  for (const mode of Object.keys(rules.modes)) {
    it(`in ${mode}`, () => {
      let deaths = 0;
      fc.assert(
        fc.property(
          fc.array(burst, { minLength: 1, maxLength: 60 }),
          fc.constantFrom(10, 20, 30, 60),
          fc.stringMatching(/^[0-9a-f]{32}$/),
          fc.boolean(),
          (bursts, tickRate, seed, crowded) => {
            const { world, frames } = newMatch({
              mode,
              tickRate,
              seed,
              rules: hasty,
              roles: bursts.map((b) => b.role % 4),
            });
            frames.holder.fill(PERSON);
            if (crowded) gather(world, frames);
            const watch = new Watch(world);
            for (const b of bursts) {
              apply(frames, b);
              for (let i = 0; i <= b.ticks; i++) {
                if (crowded) aimAtEachOther(world, frames);
                step(world, frames);
                watch.check();
              }
            }
            deaths += watch.counts.deaths;
            const { standings } = result(world);
            assert.equal(Math.min(...standings.map((s) => s.place)), 1);
            assert.ok(status(world).tick > 0);
          },
        ),
        { numRuns: 150 },
      );
      assert.ok(deaths > 0, "no run came to a death: the property holds of nothing");
    });
  }
});

/** Moves all players to the same free position west of the centre. */
function gather(world: World, frames: Frames): void {
  while (world.globals.phase < PLAYING) step(world, frames);
  for (let seat = 0; seat < world.seats; seat++) put(world, seat, 32_768 - 4 * METRE + seat, 32_768 + seat);
}

/** Makes all players run to the next enemy and shoot, so that random frames coincide with deaths and respawns. */
function aimAtEachOther(world: World, frames: Frames): void {
  for (let seat = 0; seat < world.seats; seat++) {
    let enemy = (seat + 1) % world.seats;
    while (world.team[enemy] === world.team[seat]) enemy = (enemy + 1) % world.seats;
    const dx = world.x[enemy] - world.x[seat];
    const dy = world.y[enemy] - world.y[seat];
    const row = seat * frames.width;
    frames.values[row] = Math.max(-127, Math.min(127, dx));
    frames.values[row + 1] = Math.max(-127, Math.min(127, dy));
    frames.values[row + 2] = Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * 65_536) & 65_535;
    frames.values[row + 3] = 3;
  }
}
