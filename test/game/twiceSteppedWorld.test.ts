/** A game that does not compute the same from the same world is found, and the line names the place and the remedy. */
import assert from "node:assert/strict";
import { int } from "../../src/game/events.ts";
import { type Frames, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";
import { TwiceSteppedWorld } from "../../src/game/TwiceSteppedWorld.ts";
import { defineWorld } from "../../src/game/world/defineWorld.ts";
import { fixed, u32 } from "../../src/game/world/numbers.ts";
import { tag } from "../tag/tag.ts";

const setup = {
  ...{ mode: "pair", map: "yard", tickRate: 20, seed: "5".repeat(32) },
  roster: [0, 1].map((seat) => ({ seat, team: seat, role: 0 })),
};
const plain: Game = tag;

/** Plays four ticks of tag with this change. */
function play(change: Partial<Game>): void {
  const world = new TwiceSteppedWorld({ ...plain, ...change }, setup);
  for (let tick = 0; tick < 4; tick++) world.stepTwice();
}

/** Tag whose steps do this too. */
const withStep = (step: (world: any, frames: Frames) => void): Partial<Game> => ({
  step(world, frames) {
    step(world, frames);
    plain.step(world, frames);
  },
});

function assertRefused(change: Partial<Game>, line: RegExp): void {
  assert.throws(
    () => play(change),
    (fault: any) => {
      assert.equal(fault.constructor.name, "NotDeterministic", fault.stack);
      assert.match(fault.message, line);
      assert.ok(!fault.message.includes("\n"));
      return true;
    },
  );
}

/** A game on a declared world, one field of which changes by `amount()` in each step. */
function declaredGame(amount: () => number): Partial<Game> {
  const kind = defineWorld({ globals: { tick: u32 }, seats: { x: fixed(4) } });
  type World = ReturnType<typeof kind.create>;
  return {
    createWorld: (rules, given, emit) => kind.create(rules, given, emit),
    step: (world: World) => {
      world.globals.tick++;
      world.seats.x[1] += amount();
    },
    ...{ save: kind.save, load: kind.load, hash: kind.hash, think: () => {} },
    status: ({ globals }: World) => ({ tick: globals.tick, phase: "waiting", endsAtTick: 0, endReason: null }),
  };
}

describe("a world that is stepped twice", () => {
  it("accepts a deterministic game, and what is no clock and no random generator", () => {
    play({});
    play(declaredGame(() => new Date(2).getTime() + Math.max(Math.sqrt(4), Math.imul(1, 2)) + Date.UTC(1970)));
  });

  it("names the first differing field of a declared world, and the byte of another one", () => {
    let calls = 0;
    assertRefused(
      declaredGame(() => ++calls),
      /^tag, step at tick 1: two steps from the same world .* differ in seats\.x\[1\]: 0\.25 and 0\.5; compute everything/,
    );
    const hidden = withStep((world) => {
      world.words[8] += ++calls;
    });
    assertRefused(hidden, /^tag, step at tick 1: two steps .* differ in byte 3\d of what save returns: \d+ and \d+;/);
  });

  it("names what save and load leave out", () => {
    const load: Game["load"] = (rules, bytes, emit) => {
      const loaded = plain.load(rules, bytes, emit);
      loaded.words[8]++;
      return loaded;
    };
    assertRefused({ load }, /^tag, load at tick 0: a loaded world differs from the saved one in byte 3\d of what save/);
  });

  it("steps with given holders and frames, and finds what is not saved and matters only later", () => {
    type Aged = { readonly words: Int32Array; age?: number };
    const aged = withStep((world: Aged) => {
      world.age = (world.age ?? 0) + 1;
      if (world.age === 4) world.words[9]++;
    });
    const world = new TwiceSteppedWorld({ ...plain, ...aged }, setup);
    const give = ({ holder, values }: Frames): void => {
      holder.set([PERSON, NOBODY]);
      values.set([127, -127, 3], 0);
    };
    world.step(give);
    assert.deepEqual([...world.frames.values.subarray(0, 3)], [127, -127, 3]);
    world.stepTwice(give);
    world.stepTwice(give, true);
    assert.throws(
      () => world.stepTwice(give, true),
      /^GameFault: tag, step at tick 4: the world and its copy, loaded at tick 1, with the same frames differ in byte 3\d /,
    );
  });

  it("names a random hash, and a hash of more than the saved world", () => {
    let calls = 0;
    const hash = () => String(++calls).padStart(16, "0");
    assertRefused(
      { hash },
      /^tag, hash at tick 0: it returned 0{15}1 and 0{15}2 for the same world; compute everything/,
    );
    const hashes = new WeakMap<object, string>();
    const hashOfObject = (world: object) => {
      if (!hashes.has(world)) hashes.set(world, hash());
      return hashes.get(world)!;
    };
    assertRefused({ hash: hashOfObject }, /^tag, hash at tick 0: .* two worlds that save .*; hash exactly what save/);
    const save = () => Uint8Array.of(++calls % 256);
    assertRefused({ save, load: () => plain.createWorld(tag.rules, setup, {}) }, /^tag, save at tick 0: it returned/);
  });

  it("names bots and facts that differ, and a step that changes frames", () => {
    let calls = 0;
    const think: Game["think"] = (_world, seat, frames) => {
      if (seat === 1) frames.values[frames.width] = ++calls % 100;
    };
    assertRefused({ think }, /^tag, think for seat 1 at tick 0: two bots in the same world wrote different frames;/);
    assertRefused(
      withStep((world) => world.emit.tag({ tagger: 0, tagged: 1, x: ++calls % 1000, y: 0 })),
      /^tag, step at tick 1: two steps from the same world wrote different facts;/,
    );
    assertRefused(
      withStep((_world, frames) => {
        frames.values[0]++;
      }),
      /^tag, step at tick 1: it changed the frames;/,
    );
  });

  it("tries out commands, and names a step that keeps them outside of the world, or changes them", () => {
    const commands = { go: { fields: { n: int(1, 9) } }, stop: { fields: {} } };
    const seen: string[] = [];
    const counting = withStep((world, frames) => {
      for (const { seat, name, data } of frames.commands) {
        seen.push(name);
        world.words[world.offsetOf(seat) + 3] += data.n ?? 0;
      }
    });
    play({ commands, ...counting });
    assert.deepEqual(new Set(seen), new Set(["go", "stop"]));
    let sum = 0;
    const hiding = withStep((world, frames) => {
      for (const { data } of frames.commands) world.words[8] += sum += data.n ?? 1;
    });
    assertRefused({ commands, ...hiding }, /^tag, step at tick 1: two steps from the same world .* differ in byte/);
    const changing = withStep((_world, frames) => {
      for (const { data } of frames.commands) data.n = 5;
    });
    assert.throws(
      () => play({ commands, ...changing }),
      /^GameFault: tag, step at tick 1: threw TypeError: .*(read only|extensible)/,
    );
  });

  it("names a step that changes the join options", () => {
    const joinOptions = { skin: int(0, 3).default(2) };
    const changing = withStep((_world, frames) => {
      frames.options[1] = { skin: 3 };
    });
    assertRefused({ joinOptions, ...changing }, /^tag, step at tick 1: it changed the frames;/);
  });

  const calls: readonly [name: string, call: () => unknown, remedy: RegExp][] = [
    ["Math.random", () => Math.random(), /use generator, which is part of the world$/],
    ["crypto.randomUUID", () => crypto.randomUUID(), /use generator/],
    ["Date.now", () => Date.now(), /count ticks, and convert from ms with the setup's tickRate$/],
    ["Date", () => new Date(), /count ticks/],
    ["performance.now", () => performance.now(), /count ticks/],
    ["Math.sin", () => Math.sin(1), /use sine, cosine, squareRoot or a table/],
  ];
  for (const [name, call, remedy] of calls) {
    const line = new RegExp(
      `^tag, step at tick 1: called ${name.replace(".", "\\.")} \\(twiceSteppedWorld\\.test\\.ts:\\d+\\), expected .*; ${remedy.source}`,
    );

    it(`names a step that calls ${name}, also if the step catches the error`, () => {
      assertRefused(withStep(call), line);
      const hiding = withStep(() => {
        try {
          call();
        } catch {}
      });
      assertRefused(hiding, new RegExp(line.source.replace("step at tick 1", "step at tick \\d")));
    });
  }

  it("names a world that is created with a clock, and leaves everything as it was", () => {
    const before = [Math.random, Math.sin, Date, performance.now, crypto.randomUUID];
    const createWorld: Game["createWorld"] = (rules, given, emit) => {
      Date.now();
      return plain.createWorld(rules, given, emit);
    };
    assertRefused({ createWorld }, /^tag, createWorld for mode pair and map yard: called Date\.now \(/);
    assert.deepEqual([Math.random, Math.sin, Date, performance.now, crypto.randomUUID], before);
    assert.ok(!Object.hasOwn(performance, "now") && Date.now() > 0 && Math.random() < 1);
  });

  it("reports other mistakes of the game as they are", () => {
    const thrown = withStep(() => assert.fail(new Error("oops")));
    assert.throws(() => play(thrown), { name: "GameFault", message: /^tag, step at tick 1: threw Error: oops;/ });
  });
});
