import assert from "node:assert/strict";
import fc from "fast-check";
import { think } from "../../src/arena/bots.ts";
import { type ArenaRules, rules } from "../../src/arena/rules.ts";
import { hash, load as loadWorld, save } from "../../src/arena/snapshot.ts";
import { step } from "../../src/arena/step.ts";
import { noFacts } from "../../src/game/noFacts.ts";
import { changedRules, newMatch, seedOf } from "./match.ts";

const load = (rules: ArenaRules, bytes: Uint8Array) => loadWorld(rules, bytes, noFacts);

/** The header's sixth word. */
const TICK_RATE_AT = 20;

function fought(mode: string, ticks: number, seed: number) {
  const { world, frames } = newMatch({ mode, seed: seedOf(seed), roles: [0, 1, 2, 3, 1, 0, 3, 2] });
  frames.holder.fill(2);
  for (let i = 0; i < ticks; i++) {
    for (let seat = 0; seat < world.seats; seat++) think(world, seat, frames);
    step(world, frames);
  }
  return { world, frames };
}

describe("a saved world", () => {
  it("has the same hashes after further steps, and bots act the same in it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("duel", "squad", "ffa"),
        fc.integer({ min: 0, max: 700 }),
        fc.nat(),
        (mode, ticks, seed) => {
          const { world, frames } = fought(mode, ticks, seed);
          const again = load(rules, save(world));
          assert.equal(hash(again), hash(world));
          for (let i = 0; i < 60; i++) {
            for (let seat = 0; seat < world.seats; seat++) think(world, seat, frames);
            const row = [...frames.values];
            for (let seat = 0; seat < world.seats; seat++) think(again, seat, frames);
            assert.deepEqual([...frames.values], row);
            step(world, frames);
            step(again, frames);
            assert.equal(hash(again), hash(world));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is refused if any byte is damaged, missing or added", () => {
    const bytes = save(fought("duel", 200, 1).world);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] ^= change;
        assert.throws(() => load(rules, damaged));
        assert.throws(() => load(rules, bytes.subarray(0, at)));
      }),
      { numRuns: 300 },
    );
    assert.throws(() => load(rules, new Uint8Array([...bytes, 0, 0, 0, 0])));
    assert.throws(() => load(rules, new Uint8Array(4096)));
  });

  it("is refused if its tick rate is damaged", () => {
    const bytes = save(fought("duel", 200, 1).world);
    for (let change = 1; change < 256; change++) {
      const damaged = bytes.slice();
      damaged[TICK_RATE_AT] ^= change;
      assert.throws(() => load(rules, damaged), `${bytes[TICK_RATE_AT]} became ${damaged[TICK_RATE_AT]}`);
    }
  });

  it("is refused under different rules", () => {
    const bytes = save(fought("duel", 10, 1).world);
    assert.throws(
      () =>
        load(
          changedRules(() => {}),
          bytes,
        ),
      /other rules/,
    );
  });

  it("does not change when bots think", () => {
    const { world, frames } = fought("squad", 300, 5);
    const before = hash(world);
    for (let seat = 0; seat < world.seats; seat++) think(world, seat, frames);
    assert.equal(hash(world), before);
  });
});
