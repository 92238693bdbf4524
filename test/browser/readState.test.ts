/** How the page for any game reads states, scales positions and makes frames from keys. */
import assert from "node:assert/strict";
import { Extent } from "../../web/neutral/Extent.ts";
import { drivenFields, drivenValues } from "../../web/neutral/inputValues.ts";
import { bodiesOf, fieldsOf, tablesOf } from "../../web/neutral/readState.ts";
import { TickRate } from "../../web/neutral/TickRate.ts";

const state = {
  tick: 7,
  phase: "playing",
  board: [0, 1, 2],
  orbs: [{ x: 5, y: 6 }],
  ball: { x: 1, y: 2 },
  empty: {},
  players: {
    me: { playerId: "a", name: "Ann", bot: false, x: 3, y: 4 },
    other: { playerId: "b", name: "Bob", bot: true, x: 0, y: 0, it: true },
    unplaced: { playerId: "c", name: "Cy", bot: false },
  },
};

describe("the state of any game", () => {
  it("is fields with one value or a list", () => {
    assert.deepEqual(fieldsOf(state), [
      ["tick", "7"],
      ["phase", "playing"],
      ["board", "0 1 2"],
    ]);
  });

  it("is tables of maps, arrays and single objects, the players first, with every field of any row", () => {
    const tables = tablesOf(state).map(({ name, columns, rows }) => [name, columns.join(" "), rows.length]);
    assert.deepEqual(tables, [
      ["players", "playerId name bot x y it", 3],
      ["orbs", "x y", 1],
      ["ball", "x y", 1],
    ]);
  });

  it("has a body for every row with a position", () => {
    const bodies = bodiesOf(tablesOf(state), "me").map(({ id, kind, name, x, y }) => [id, kind, name, x, y]);
    assert.deepEqual(bodies, [
      ["players/me", "own", "Ann", 3, 4],
      ["players/other", "bot", "Bob", 0, 0],
      ["orbs/0", "thing", "", 5, 6],
      ["ball/", "thing", "", 1, 2],
    ]);
  });
});

describe("the extent of all positions", () => {
  it("fills the surface between its margins, with the same scale on both axes", () => {
    const extent = new Extent();
    for (const [x, y] of [
      [-100, 0],
      [100, 50],
    ])
      extent.add({ x, y });
    const place = extent.projection(220, 120, 10);
    assert.deepEqual(
      [place(-100, 0), place(100, 50), place(0, 25)],
      [
        [10, 35],
        [210, 85],
        [110, 60],
      ],
    );
  });

  it("puts a single point in the middle", () => {
    const extent = new Extent();
    extent.add({ x: 40, y: 7 });
    assert.deepEqual(extent.projection(200, 100, 10)(40, 7), [100, 50]);
  });
});

describe("the input of any game", () => {
  const fields = [
    { name: "jump", min: 0, max: 1 },
    { name: "dx", min: -127, max: 127 },
    { name: "dy", min: -5, max: 5 },
    { name: "turn", min: -9, max: 9 },
  ];

  it("drives the first two symmetric fields by keys; opposite keys cancel out", () => {
    assert.deepEqual(
      drivenFields(fields).map(({ name }) => name),
      ["dx", "dy"],
    );
    assert.deepEqual(drivenValues(fields, new Set(["KeyA", "ArrowDown"])), { dx: -127, dy: 5 });
    assert.deepEqual(drivenValues(fields, new Set(["KeyA", "ArrowRight"])), { dx: 0, dy: 0 });
  });
});

describe("ticks per second", () => {
  it("are those of the latest two seconds", () => {
    const rate = new TickRate();
    assert.equal(rate.perSecond(), 0);
    for (let tick = 0; tick <= 60; tick++) rate.add(tick, tick * (tick < 20 ? 10 : 50));
    assert.equal(rate.perSecond(), 20);
  });
});
