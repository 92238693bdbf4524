import assert from "node:assert/strict";
import fc from "fast-check";
import { list } from "../../../src/game/world/declaration.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import { i16, i32 } from "../../../src/game/world/numbers.ts";
import { filledWorlds, rules, setupOf } from "./arbitraryWorld.ts";

describe("a saved declared world", () => {
  it("is loaded with the same state, shape and hash, and saved to the same bytes", () => {
    fc.assert(
      fc.property(filledWorlds, ({ kind, world }) => {
        const bytes = kind.save(world);
        const again = kind.load(rules, bytes);
        assert.deepEqual(again.words, world.words);
        assert.deepEqual(kind.debugView(again), kind.debugView(world));
        assert.equal(kind.hash(again), kind.hash(world));
        assert.deepEqual(kind.save(again), bytes);
        assert.equal(kind.firstDifference(again, world), null);
      }),
    );
  });

  it("keeps any names of mode and map, and what the game gives it to emit with", () => {
    const kind = defineWorld({ seats: { x: i32 } });
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 240 }), (mode, map, tickRate) => {
        const world = kind.create(rules, setupOf([0, 1, 0], mode, map, tickRate), "emit");
        const again = kind.load(rules, kind.save(world), "emit");
        for (const key of ["mode", "map", "tickRate", "teams", "teamCount", "emit", "rules"] as const)
          assert.deepEqual(again[key], world[key]);
      }),
    );
  });

  it("can be loaded from bytes at any offset of a larger buffer", () => {
    const kind = defineWorld({ seats: { x: i32 } });
    const world = kind.create(rules, setupOf([0, 1]));
    world.seats.x.set([5, -6]);
    const bytes = kind.save(world);
    for (const at of [1, 2, 3, 4]) {
      const larger = new Uint8Array(bytes.length + 8);
      larger.set(bytes, at);
      assert.deepEqual([...kind.load(rules, larger.subarray(at, at + bytes.length)).seats.x], [5, -6]);
    }
  });

  it("is refused if any byte is damaged, missing or added", () => {
    fc.assert(
      fc.property(filledWorlds, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ kind, world }, at, change) => {
        const bytes = kind.save(world);
        const damaged = bytes.slice();
        damaged[at % bytes.length] ^= change;
        assert.throws(() => kind.load(rules, damaged), /saved world/);
        assert.throws(() => kind.load(rules, bytes.subarray(0, at % bytes.length)), /saved world/);
        const longer = new Uint8Array(bytes.length + 1 + (at % 8));
        longer.set(bytes);
        assert.throws(() => kind.load(rules, longer), /saved world/);
      }),
      { numRuns: 300 },
    );
  });

  it("is refused for any other bytes", () => {
    const kind = defineWorld({ seats: { x: i32 } });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.throws(() => kind.load(rules, bytes), /saved world/);
      }),
    );
  });

  it("is refused under another version of the rules, and by another declaration", () => {
    const declare = (type = i32, name = "x", length = 3) =>
      defineWorld({ seats: { [name]: type }, lists: { row: list(i32, length) } });
    const bytes = declare().save(declare().create(rules, setupOf([0])));
    declare().load(rules, bytes);
    assert.throws(() => declare().load({ version: "2" }, bytes), /another rules version than 2/);
    for (const other of [declare(i16 as never), declare(i32, "y"), declare(i32, "x", 4)])
      assert.throws(() => other.load(rules, bytes), /other fields than the declaration/);
  });

  it("is refused if rules of the same version give its lists other lengths", () => {
    const kind = defineWorld({ lists: { row: list(i32, ({ rules }) => rules.row) } });
    const bytes = kind.save(kind.create({ version: "1", row: 3 }, setupOf([0])));
    assert.throws(() => kind.load({ version: "1", row: 4 }, bytes), /has 3 words of state, expected 4/);
  });
});
