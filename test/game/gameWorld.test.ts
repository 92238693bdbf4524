import assert from "node:assert/strict";
import { Frames } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import { noFacts } from "../../src/game/noFacts.ts";
import { tag } from "../tag/tag.ts";

const setup = {
  ...{ mode: "pair", map: "yard", tickRate: 20, seed: "5".repeat(32) },
  roster: [0, 1].map((seat) => ({ seat, team: seat, role: 0 })),
};
const frames = new Frames(2, 2);
const changed = (change: Partial<Game>): Game => ({ ...(tag as Game), ...change });
const create = (change: Partial<Game>) => GameWorld.create(changed(change), tag.rules, setup);

/** Changes what a function of tag returns. */
const returning = (name: "status" | "result", change: (value: any) => unknown) => ({
  [name]: (world: any) => change((tag as Game)[name](world)),
});
const withStanding = (change: object, seat = 1) =>
  returning("result", (result) => ({
    ...result,
    standings: result.standings.with(seat, { ...result.standings[seat], ...change }),
  }));

function assertFault(act: () => unknown, place: string, what: RegExp): void {
  assert.throws(act, (fault: any) => {
    assert.equal(fault.name, "GameFault");
    assert.equal(fault.place, place);
    assert.match(fault.message, what);
    assert.ok(fault.message.startsWith(`tag, ${place}: `) && fault.message.endsWith(`; ${fault.remedy}`));
    assert.ok(!fault.message.includes("\n"));
    return true;
  });
}

describe("a world", () => {
  it("plays like the game itself, and continues when it is loaded", () => {
    const world = GameWorld.create(tag, tag.rules, setup);
    const plain = tag.createWorld(tag.rules, setup, noFacts);
    for (let tick = 1; tick <= 50; tick++) {
      frames.holder.fill(2);
      for (const seat of [0, 1]) world.think(seat, frames);
      world.step(frames);
      tag.step(plain, frames);
    }
    assert.equal(world.status.tick, 50);
    assert.equal(world.hash(), tag.hash(plain));
    assert.deepEqual(world.result(), tag.result(plain));
    const loaded = GameWorld.load(tag, tag.rules, "pair", world.save());
    for (const each of [world, loaded]) each.step(frames);
    assert.equal(loaded.hash(), world.hash());
    assert.equal(loaded.status.tick, 51);
  });

  it("is refused if createWorld or load throws, or returns no object", () => {
    const place = "createWorld for mode pair and map yard";
    const thrown = new RangeError("no such map\nsecond line");
    const broken = { createWorld: () => assert.fail(thrown) };
    assertFault(() => create(broken), place, /threw RangeError: no such map; the stack trace/);
    assertFault(() => create({ createWorld: () => undefined }), place, /returned nothing, expected a world/);
    assertFault(() => create({ createWorld: async () => ({}) }), place, /returned a promise/);
    assertFault(
      () => GameWorld.load(tag, tag.rules, "pair", Uint8Array.of(1)),
      "load",
      /threw Error: invalid tag world/,
    );
    const createWorld: Game["createWorld"] = (rules, _, emit) => {
      emit.tag({});
      return tag.createWorld(rules as never, setup, emit);
    };
    assertFault(() => create({ createWorld }), "emit.tag", /a fact was written outside of step/);
  });

  it("is at fault if a step throws or returns anything, also if it catches the fault of a fact", () => {
    const step = (step: (world: any) => unknown) => () => create({ step: step as never }).step(frames);
    const at = "step at tick 1";
    assertFault(
      step(() => assert.fail(new Error("oops"))),
      at,
      /threw Error: oops/,
    );
    assertFault(
      step(() => assert.fail(undefined)),
      at,
      /threw/,
    );
    assertFault(
      step(async () => {}),
      at,
      /returned a promise, .*; remove async and await/,
    );
    assertFault(
      step(async () => Promise.reject(new Error("later"))),
      at,
      /returned a promise/,
    );
    assertFault(
      step(() => 5),
      at,
      /returned 5, expected nothing; remove its return/,
    );
    assertFault(
      step(function* () {}),
      at,
      /returned an object, expected nothing/,
    );
    const hiding = (world: any) => {
      try {
        world.emit.tag({ tagger: 0, tagged: 1, x: -1, y: 0 });
      } catch {}
      tag.step(world, frames);
    };
    assertFault(step(hiding), "emit.tag, field x", /got -1, expected a whole number from 0 to 1000/);
  });

  it("is at fault at its next call if a fact is written after a step has returned", async () => {
    let later: Promise<void> | null = null;
    const world = create({
      step: (world, frames) => {
        later ??= Promise.resolve().then(() => world.emit.tag({ tagger: 0, tagged: 1, x: 0, y: 0 }));
        tag.step(world, frames);
      },
    });
    world.step(frames);
    await later;
    assertFault(() => world.step(frames), "emit.tag", /a fact was written outside of step/);
  });

  it("is at fault if its status is not one", () => {
    const status = (change: (value: any) => unknown) => () => create(returning("status", change));
    assertFault(
      status(() => null),
      "status at tick 0",
      /returned null, expected \{ tick, phase/,
    );
    assertFault(
      status(async () => ({})),
      "status at tick 0",
      /returned a promise/,
    );
    assertFault(
      status((s) => ({ ...s, tick: 1 })),
      "status at tick 0",
      /tick is 1, expected 0; begin at 0 and add 1/,
    );
    assertFault(
      status((s) => ({ ...s, phase: "warmup" })),
      "status at tick 0",
      /phase is "warmup", expected one of "wai/,
    );
    assertFault(
      status((s) => ({ ...s, endsAtTick: 1.5 })),
      "status at tick 0",
      /endsAtTick is 1.5, expected a tick/,
    );
    assertFault(
      status((s) => ({ ...s, endReason: "time" })),
      "status at tick 0",
      /endReason is "time", expected null/,
    );
    assertFault(
      status((s) => ({ ...s, phase: "ended" })),
      "status at tick 0",
      /endReason is null, expected one of "sc/,
    );
    assertFault(
      status((s) => ({ ...s, phase: "ended", endReason: "caught" })),
      "status at tick 0",
      /endReason is "caught", expected one of "score", .*; .* declare reasons of your own in endReasons$/,
    );
    const stopped = create({ step: () => {} });
    assertFault(() => stopped.step(frames), "status at tick 1", /tick is 0, expected 1/);
  });

  it("is at fault if its result does not have one valid standing per seat and one score per team", () => {
    const result = (change: Partial<Game>) => () => create(change).result();
    const of = (change: (value: any) => unknown) => result(returning("result", change));
    const at = "result at tick 0";
    assertFault(
      of(() => undefined),
      at,
      /returned nothing, expected \{ standings, teamScores \}/,
    );
    assertFault(
      of((r) => ({ ...r, standings: {} })),
      at,
      /standings is an object, expected an array with one entry for/,
    );
    assertFault(
      of((r) => ({ ...r, standings: r.standings.slice(1) })),
      at,
      /standings is an array of length 1/,
    );
    assertFault(
      of((r) => ({ ...r, standings: r.standings.toReversed() })),
      at,
      /standings\[0\].seat is 1, expected 0/,
    );
    assertFault(
      of((r) => ({ ...r, standings: [null, null] })),
      at,
      /standings\[0\] is null/,
    );
    assertFault(
      of((r) => ({ ...r, teamScores: [1] })),
      at,
      /teamScores is an array of length 1, expected .* length 2/,
    );
    assertFault(
      of((r) => ({ ...r, teamScores: [1, Number.NaN] })),
      at,
      /teamScores\[1\] is NaN/,
    );
    assertFault(result(withStanding({ score: 0.5 })), at, /standings\[1\].score is 0.5, expected .*; round it/);
    assertFault(result(withStanding({ score: 2 ** 31 })), at, /score is 2147483648/);
    assertFault(result(withStanding({ team: 0 })), at, /standings\[1\].team is 0, expected 1/);
    assertFault(result(withStanding({ place: 0 })), at, /place is 0, expected a whole number from 1 to 2/);
    assertFault(result(withStanding({ place: 3 })), at, /place is 3/);
    assertFault(result(withStanding({ kills: -1 })), at, /kills is -1/);
    assertFault(result(withStanding({ deaths: undefined })), at, /deaths is nothing/);
    const noWinner = (r: any) => ({ ...r, standings: r.standings.map((s: object) => ({ ...s, place: 2 })) });
    assertFault(of(noWinner), at, /no standing has place 1/);
  });

  it("is at fault if its hash, saved bytes, projection or bots are not as declared", () => {
    for (const hash of ["abc", "0123456789ABCDEF", 5, null])
      assertFault(() => create({ hash: () => hash as never }).hash(), "hash at tick 0", /expected 16 hex digits/);
    assertFault(
      () => create({ save: () => "" as never }).save(),
      "save at tick 0",
      /returned "", expected a Uint8Array/,
    );
    const state = new tag.State();
    const fail = () => assert.fail(new Error("oops"));
    assertFault(() => create({ project: fail }).project(state, [null, null]), "project at tick 0", /threw Error: oops/);
    const async = (async () => {}) as never;
    assertFault(
      () => create({ project: async }).project(state, [null, null]),
      "project at tick 0",
      /returned a promise/,
    );
    assertFault(() => create({ think: fail }).think(1, frames), "think for seat 1 at tick 0", /threw Error: oops/);
    assertFault(() => create({ think: async }).think(1, frames), "think for seat 1 at tick 0", /returned a promise/);
  });
});
