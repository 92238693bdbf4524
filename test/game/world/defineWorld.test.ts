import assert from "node:assert/strict";
import fc from "fast-check";
import type { Game } from "../../../src/game/Game.ts";
import { list, pool, type WorldShape } from "../../../src/game/world/declaration.ts";
import { defineWorld, type WorldOf } from "../../../src/game/world/defineWorld.ts";
import { fixed, i8, i16, i32, u8, u16, u32 } from "../../../src/game/world/numbers.ts";
import { filledWorlds, globalsOf, rules, setupOf, singlesOf, viewsOf } from "./arbitraryWorld.ts";

const kind = defineWorld({
  globals: { tick: u32, wind: fixed(256), bag: list(u8, 3) },
  seats: { x: i32, hp: u16, lean: i8 },
  lists: { scores: list(i16, ({ teamCount }) => teamCount), trail: list(i32, (shape: Shape) => shape.rules.trail) },
  pools: { orbs: pool(3, { x: i32, owner: u8 }) },
});
type Shape = WorldShape<{ version: string; trail: number }>;
const newWorld = () => kind.create({ version: "1", trail: 4 }, setupOf([0, 0, 1]));

describe("a declared world", () => {
  it("has its fields as typed arrays and numbers, all 0", () => {
    const world: WorldOf<typeof kind> = newWorld();
    const x: Int32Array = world.seats.x;
    const hp: Uint16Array = world.seats.hp;
    const bag: Uint8Array = world.globals.bag;
    const owner: Uint8Array = world.pools.orbs.owner;
    const tick: number = world.globals.tick;
    assert.deepEqual([x.length, hp.length, bag.length, owner.length, tick], [3, 3, 3, 3, 0]);
    assert.deepEqual([world.lists.scores.length, world.lists.trail.length], [2, 4]);
    assert.ok(world.words.every((word) => word === 0));
  });

  it("has the functions that a game must have", () => {
    type Rules = { version: string; trail: number };
    const { save, load, hash } = kind;
    const game: Pick<Game<WorldOf<typeof kind, Rules>, Rules>, "save" | "load" | "hash"> = { save, load, hash };
    const world = newWorld();
    world.seats.x[1] = 4;
    assert.equal(game.load({ version: "1", trail: 4 }, game.save(world), {}).seats.x[1], 4);
  });

  it("stores its fields in the order of the declaration, without gaps except for alignment", () => {
    const { layout } = newWorld();
    assert.deepEqual(
      layout.stretches.map(({ path, offset }) => [path, offset]),
      [
        ["globals.tick", 0],
        ["globals.wind", 4],
        ["globals.bag", 8],
        ["seats.x", 12],
        ["seats.hp", 24],
        ["seats.lean", 30],
        ["lists.scores", 34],
        ["lists.trail", 40],
        ["pools.orbs.spawned", 56],
        ["pools.orbs.count", 60],
        ["pools.orbs.serial", 64],
        ["pools.orbs.x", 76],
        ["pools.orbs.owner", 88],
      ],
    );
    assert.equal(layout.byteLength, 92);
  });

  it("gives every number bytes of its own", () => {
    fc.assert(
      fc.property(filledWorlds, ({ world }) => {
        const { stretches, byteLength } = world.layout;
        const used = new Uint8Array(byteLength);
        for (const { type, offset, length } of stretches) {
          assert.equal(offset % type.bytes, 0);
          for (let at = offset; at < offset + length * type.bytes; at++) assert.equal(used[at]++, 0);
        }
        assert.equal(byteLength % 4, 0);
        assert.equal(world.words.byteLength, byteLength);
      }),
    );
  });

  it("reads what was written, as its type stores it", () => {
    fc.assert(
      fc.property(filledWorlds, fc.integer(), ({ world }, value) => {
        const globals = globalsOf(world);
        for (const name of singlesOf(world)) {
          const { type } = world.layout.stretches.find(({ path }) => path === `globals.${name}`)!;
          const stored = type.view(new ArrayBuffer(4), 0, 1);
          globals[name] = stored[0] = value;
          assert.equal(globals[name], stored[0], name);
        }
        for (const view of viewsOf(world).values()) assert.equal(view.buffer, world.words.buffer);
      }),
    );
  });

  it("is restored by a snapshot, to its hash and all fields", () => {
    fc.assert(
      fc.property(filledWorlds, ({ kind, world }) => {
        const [hash, snapshot] = [kind.hash(world), kind.snapshot(world)];
        world.words.fill(-1);
        kind.restore(world, snapshot);
        assert.equal(kind.hash(world), hash);
      }),
    );
    assert.throws(() => kind.restore(newWorld(), new Int32Array(1)), /snapshot has 1 words, expected 23/);
  });

  it("has another hash after any change of any bit", () => {
    fc.assert(
      fc.property(filledWorlds, fc.nat(), fc.nat({ max: 31 }), ({ kind, world }, at, bit) => {
        const before = kind.hash(world);
        assert.match(before, /^[0-9a-f]{16}$/);
        world.words[at % world.words.length] ^= 1 << bit;
        assert.notEqual(kind.hash(world), before);
      }),
    );
  });

  it("is created only for a roster that names each seat in order", () => {
    const roster = [{ seat: 1, team: 0, role: 0 }];
    assert.throws(() => kind.create({ version: "1", trail: 1 }, { ...setupOf([0]), roster }), /entry 0 is for seat 1/);
    assert.throws(() => kind.create(rules, setupOf([])), /roster is empty/);
  });

  it("is created only with possible lengths of its lists", () => {
    for (const trail of [0, 1.5, Number.NaN, -1])
      assert.throws(
        () => kind.create({ version: "1", trail }, setupOf([0])),
        new RegExp(`lists.trail has the length ${trail}: expected a whole number from 1`),
      );
  });
});
