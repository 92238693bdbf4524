import assert from "node:assert/strict";
import fc from "fast-check";
import { checkWrites } from "../../../src/game/world/checkedWrites.ts";
import type { DeclaredWorld } from "../../../src/game/world/DeclaredWorld.ts";
import { list, pool, type WorldDeclaration } from "../../../src/game/world/declaration.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import {
  fixed,
  i8,
  i16,
  i32,
  type NumberArray,
  type NumberType,
  u8,
  u16,
  u32,
} from "../../../src/game/world/numbers.ts";
import { filledWorlds, globalsOf, rules, setupOf, singlesOf, viewsOf } from "./arbitraryWorld.ts";

const kind = defineWorld({
  globals: { tick: u32, bag: list(u8, 2) },
  seats: { hp: u8, x: fixed(256) },
  lists: { scores: list(i8, 3) },
  pools: { orbs: pool(2, { x: i16 }) },
});

describe("checked writes", () => {
  let before = false;
  beforeEach(() => (before = checkWrites(true)));
  afterEach(() => checkWrites(before));

  const newWorld = () => kind.create(rules, setupOf([0, 1]));

  it("name the field, the value, the type and the remedy", () => {
    const world = newWorld();
    const cases: [() => unknown, RegExp][] = [
      [() => (world.seats.hp[1] = 300), /^seats\.hp\[1\]: 300 was written, expected u8, .* from 0 to 255: clamp/],
      [() => (world.seats.hp[1] -= 1), /^seats\.hp\[1\]: -1 was written/],
      [
        () => (world.seats.x[0] = 1.5),
        /^seats\.x\[0\]: 1\.5 was written, expected fixed\(256\).*: round it with Math\.trunc/,
      ],
      [() => (world.seats.x[0] = Number.NaN), /^seats\.x\[0\]: NaN was written.*: check how the value is computed/],
      [() => (world.seats.x[0] = undefined as never), /^seats\.x\[0\]: undefined was written/],
      [() => (world.globals.tick = -1), /^globals\.tick: -1 was written, expected u32/],
      [() => (world.globals.bag[0] = 256), /^globals\.bag\[0\]: 256 was written/],
      [() => (world.lists.scores[2] = 128), /^lists\.scores\[2\]: 128 was written, expected i8/],
      [() => (world.pools.orbs.x[1] = 40_000), /^pools\.orbs\.x\[1\]: 40000 was written, expected i16/],
      [() => world.lists.scores.set([1, -200], 1), /^lists\.scores\[2\]: -200 was written/],
      [() => world.lists.scores.fill(1000), /^lists\.scores, filled: 1000 was written/],
      [() => (world.lists.scores.subarray(1)[1] = 500), /^lists\.scores\[2\]: 500 was written/],
      [() => (world.seats.hp[2] = 1), /^seats\.hp\[2\] was written: expected an index from 0 to 1/],
      [() => (world.seats.hp[-1] = 1), /^seats\.hp\[-1\] was written: expected an index/],
      [() => (world.seats.hp[undefined as never] = 1), /^seats\.hp\[undefined\] was written: expected an index/],
    ];
    for (const [write, message] of cases)
      assert.throws(write, (error: Error) => error instanceof RangeError && message.test(error.message));
    assert.ok(world.words.every((word) => word === 0));
  });

  it("accept exactly the numbers that a typed array stores unchanged", () => {
    const types: readonly NumberType[] = [i32, u32, i16, u16, i8, u8, fixed(10)];
    const values = fc.oneof(fc.integer({ min: -40_000, max: 80_000 }), fc.maxSafeInteger(), fc.double());
    fc.assert(
      fc.property(fc.constantFrom(...types), values, (type, value) => {
        const world = defineWorld({ seats: { x: type }, globals: { y: type } }).create(rules, setupOf([0]));
        const stored = type.view(new ArrayBuffer(4), 0, 1);
        stored[0] = value;
        const fits = stored[0] === value;
        for (const write of [() => (world.seats.x[0] = value), () => (world.globals.y = value)]) {
          if (fits) write();
          else assert.throws(write, RangeError);
        }
        if (fits) assert.deepEqual([world.seats.x[0], world.globals.y], [value + 0, value + 0]);
      }),
      { numRuns: 1000 },
    );
  });

  it("leave everything else as it is: reading, methods, pools, save, load and hash", () => {
    const world = newWorld();
    assert.equal(world.lists.scores.fill(4), world.lists.scores);
    world.lists.scores.set(new Int8Array([7]), 2);
    assert.deepEqual([...world.lists.scores], [4, 4, 7]);
    assert.deepEqual([world.lists.scores.indexOf(7), world.lists.scores.length], [2, 3]);
    assert.ok(world.lists.scores instanceof Int8Array);
    world.pools.orbs.x[world.pools.orbs.spawn()] = -3;
    checkWrites(false);
    const again = kind.load(rules, kind.save(world));
    again.seats.hp[0] = 300;
    assert.equal(again.seats.hp[0], 44);
    assert.equal(kind.firstDifference(world, again), "seats.hp[0]: 0 and 44");
  });

  it("give the same bytes as unchecked ones", () => {
    checkWrites(false);
    fc.assert(
      fc.property(filledWorlds, ({ kind, world }) => {
        checkWrites(true);
        const checked = kind.create(rules, setupOf(world.teams));
        checkWrites(false);
        for (const name of singlesOf(world)) globalsOf(checked)[name] = globalsOf(world)[name];
        for (const [path, view] of viewsOf(world)) viewAt(checked, path).set(view);
        for (const [name, { serial }] of Object.entries(checked.pools)) {
          serial.set(world.pools[name].serial);
          const { stretches } = checked.layout;
          const { offset } = stretches.find(({ path }) => path === `pools.${name}.spawned`)!;
          checked.words.set(world.words.subarray(offset / 4, offset / 4 + 2), offset / 4);
        }
        assert.equal(kind.firstDifference(checked, world), null);
        assert.equal(kind.hash(checked), kind.hash(world));
      }),
    );
  });
});

type AnyWorld = DeclaredWorld<WorldDeclaration>;

/** The view at `seats.x` or `pools.orbs.x`. */
function viewAt(world: AnyWorld, path: string): NumberArray {
  let at: any = world;
  for (const name of path.split(".")) at = at[name];
  return at;
}
