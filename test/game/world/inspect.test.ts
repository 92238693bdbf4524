import assert from "node:assert/strict";
import fc from "fast-check";
import { list, pool } from "../../../src/game/world/declaration.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import { fixed, i32, u8, u16 } from "../../../src/game/world/numbers.ts";
import { filledWorlds, rules, setupOf } from "./arbitraryWorld.ts";

const kind = defineWorld({
  globals: { tick: i32, wind: fixed(256), bag: list(u8, 2) },
  seats: { x: fixed(10), hp: u16 },
  lists: { scores: list(u8, ({ teamCount }) => teamCount) },
  pools: { orbs: pool(3, { x: i32 }) },
});

function played() {
  const world = kind.create(rules, setupOf([0, 1]));
  world.globals.tick = 7;
  world.globals.wind = -128;
  world.globals.bag.set([3, 4]);
  world.seats.x.set([15, 20]);
  world.seats.hp[1] = 90;
  world.lists.scores[1] = 2;
  const { orbs } = world.pools;
  orbs.spawn();
  orbs.x[orbs.spawn()] = 40;
  orbs.free(0);
  return world;
}

describe("the debug view", () => {
  it("shows fields by name, seats as rows, living entries of pools, and fixed-point numbers divided", () => {
    assert.deepEqual(kind.debugView(played()), {
      ...{ mode: "duel", map: "yard", tickRate: 20 },
      globals: { tick: 7, wind: -0.5, bag: [3, 4] },
      seats: [
        { seat: 0, team: 0, x: 1.5, hp: 0 },
        { seat: 1, team: 1, x: 2, hp: 90 },
      ],
      lists: { scores: [0, 2] },
      pools: { orbs: [{ at: 1, serial: 2, x: 40 }] },
    });
  });

  it("is a copy that survives JSON, and differs for worlds that differ", () => {
    fc.assert(
      fc.property(filledWorlds, ({ kind, world }) => {
        const view = kind.debugView(world);
        assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
        const text = JSON.stringify(view);
        world.words.fill(-1);
        assert.equal(JSON.stringify(view), text);
        assert.notEqual(JSON.stringify(kind.debugView(world)), text);
      }),
    );
  });
});

describe("the first difference of two worlds", () => {
  const differenceAfter = (change: (world: ReturnType<typeof played>) => void): string | null => {
    const changed = played();
    change(changed);
    return kind.firstDifference(played(), changed);
  };

  it("is named with both values", () => {
    assert.equal(
      differenceAfter(() => {}),
      null,
    );
    const cases: [(world: ReturnType<typeof played>) => void, string][] = [
      [({ globals }) => globals.tick++, "globals.tick: 7 and 8"],
      [({ globals }) => (globals.wind = 64), "globals.wind: -0.5 and 0.25"],
      [({ globals }) => (globals.bag[1] = 9), "globals.bag[1]: 4 and 9"],
      [({ seats }) => seats.x.fill(11), "seats.x[0]: 1.5 and 1.1"],
      [({ seats }) => (seats.hp[1] = 5), "seats.hp[1]: 90 and 5"],
      [({ lists }) => (lists.scores[0] = 1), "lists.scores[0]: 0 and 1"],
      [({ pools }) => (pools.orbs.x[1] = 2), "pools.orbs.x[1]: 40 and 2"],
      [({ pools }) => pools.orbs.spawn(), "pools.orbs.spawned: 2 and 3"],
    ];
    for (const [change, expected] of cases) assert.equal(differenceAfter(change), expected);
  });

  it("is named for worlds of other shapes too", () => {
    const small = kind.create(rules, setupOf([0, 1]));
    const difference = (...setup: Parameters<typeof setupOf>) =>
      kind.firstDifference(small, kind.create(rules, setupOf(...setup)));
    assert.equal(difference([0, 1, 1]), "teams: 0,1 and 0,1,1");
    assert.equal(difference([0, 1], "squad"), "mode: duel and squad");
    assert.equal(difference([0, 1], "duel", "yard", 30), "tickRate: 20 and 30");
    const rows = defineWorld({ lists: { row: list(i32, ({ rules }) => rules.row) } });
    const [three, four] = [3, 4].map((row) => rows.create({ version: "1", row }, setupOf([0])));
    assert.equal(rows.firstDifference(three, four), "lists.row has 3 and 4 entries");
  });

  it("is found exactly when a number differs, and is the first one in the order of the declaration", () => {
    fc.assert(
      fc.property(filledWorlds, fc.nat(), fc.nat(), ({ kind, world }, which, at) => {
        const { stretches } = world.layout;
        const changed = kind.load(rules, kind.save(world));
        const { path, type, offset, length, single } = stretches[which % stretches.length];
        const index = at % length;
        const view = type.view(changed.words.buffer as ArrayBuffer, offset, length);
        const before = view[index];
        view[index] ^= 1;
        const values = `${before / type.scale} and ${view[index] / type.scale}`;
        assert.equal(kind.firstDifference(world, changed), `${path}${single ? "" : `[${index}]`}: ${values}`);
        // A difference further back does not hide the first one.
        new Uint8Array(changed.words.buffer).fill(255, offset + (index + 1) * type.bytes);
        assert.match(kind.firstDifference(world, changed)!, new RegExp(`: ${values.replaceAll(".", "\\.")}$`));
      }),
    );
  });
});
