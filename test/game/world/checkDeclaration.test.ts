import assert from "node:assert/strict";
import { list, pool, type WorldDeclaration } from "../../../src/game/world/declaration.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import { fixed, i32, u8 } from "../../../src/game/world/numbers.ts";

/** A wrong declaration, and what the error says. */
const wrong: readonly [unknown, RegExp][] = [
  [{}, /declares no field: declare at least globals: \{ tick: u32 \}/],
  [{ globals: {}, seats: {} }, /declares no field/],
  [{ global: { tick: i32 } }, /no part "global": expected globals,seats,lists,pools/],
  [{ globals: { tick: "i32" } }, /^globals\.tick is declared as "i32": expected i32, u32, .* imported from hypogeum/],
  [{ globals: { tick: { ...i32 } } }, /globals\.tick is declared as an object: expected i32/],
  [{ globals: { tick: undefined } }, /globals\.tick is declared as undefined/],
  [{ globals: { tick: fixed } }, /globals\.tick is declared as function/],
  [{ globals: { Tick: i32 } }, /invalid name globals\.Tick: expected a lower-case letter/],
  [{ globals: { constructor: i32 } }, /invalid name globals\.constructor/],
  [
    { globals: { bag: list(i32, () => 3) } },
    /globals\.bag has a length that depends on the match: declare it in lists/,
  ],
  [{ globals: { bag: list(i32, 0) } }, /globals\.bag has the length 0: expected a whole number from 1/],
  [{ seats: { x: i32, items: list(u8, 4) } }, /seats\.items is a list.*declare it in lists/],
  [{ seats: { x: 3 } }, /seats\.x is declared as 3/],
  [{ seats: { "x y": i32 } }, /invalid name seats\.x y/],
  [{ lists: { scores: i32 } }, /lists\.scores is not a list: expected list\(type, length\)/],
  [{ lists: { scores: list("u8" as never, 2) } }, /lists\.scores is declared as "u8"/],
  [{ lists: { scores: list(u8, 2.5) } }, /lists\.scores has the length 2\.5/],
  [{ pools: { orbs: { x: i32 } } }, /pools\.orbs is not a pool: expected pool\(capacity, fields\)/],
  [{ pools: { orbs: null } }, /pools\.orbs is not a pool/],
  [{ pools: { orbs: pool(0, { x: i32 }) } }, /pools\.orbs has the capacity 0: expected a whole number from 1/],
  [{ pools: { orbs: pool(4, { count: i32 }) } }, /pools\.orbs\.count has the name of a member of every pool: rename/],
  [{ pools: { orbs: pool(4, { x: list(i32, 2) as never }) } }, /pools\.orbs\.x is declared as an object/],
];

describe("a wrong declaration of a world", () => {
  for (const [declaration, message] of wrong) {
    it(`is refused with ${message.source}`, () => {
      assert.throws(
        () => defineWorld(declaration as WorldDeclaration),
        (error: Error) => message.test(error.message) && !error.message.includes("\n"),
      );
    });
  }

  it("has no scale that is not a whole number from 2", () => {
    for (const scale of [0, 1, 1.5, -2, 65_537, Number.NaN])
      assert.throws(() => fixed(scale), new RegExp(`invalid scale ${scale} .*expected a whole number from 2`));
  });
});
