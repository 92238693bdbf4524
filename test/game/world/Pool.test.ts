import assert from "node:assert/strict";
import fc from "fast-check";
import { pool } from "../../../src/game/world/declaration.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import { i32, u8 } from "../../../src/game/world/numbers.ts";
import { rules, setupOf } from "./arbitraryWorld.ts";

const kindOf = (capacity: number) => defineWorld({ pools: { orbs: pool(capacity, { x: i32, owner: u8 }) } });
const orbsOf = (capacity: number) => kindOf(capacity).create(rules, setupOf([0])).pools.orbs;

function visited(orbs: ReturnType<typeof orbsOf>, visit: (at: number) => void = () => {}): number[] {
  const slots: number[] = [];
  orbs.each((at) => {
    slots.push(at);
    visit(at);
  });
  return slots;
}

/** What a pool should be: a map from slots to serial numbers and values. */
class ModelPool {
  readonly entries = new Map<number, { serial: number; x: number }>();
  readonly capacity: number;
  spawned = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  spawn(x: number): number {
    for (let at = 0; at < this.capacity; at++) {
      if (this.entries.has(at)) continue;
      this.entries.set(at, { serial: ++this.spawned, x });
      return at;
    }
    return -1;
  }

  sorted() {
    return [...this.entries].sort(([a], [b]) => a - b).map(([at, entry]) => ({ at, ...entry, owner: 0 }));
  }
}

describe("a pool", () => {
  it("behaves like a map from slots to entries, whatever is spawned and freed, saved and loaded", () => {
    const action = fc.tuple(fc.constantFrom("spawn", "free", "load"), fc.nat({ max: 1000 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(action, { maxLength: 60 }), (capacity, actions) => {
        const kind = kindOf(capacity);
        let world = kind.create(rules, setupOf([0]));
        const model = new ModelPool(capacity);
        for (const [what, number] of actions) {
          const { orbs } = world.pools;
          const slot = number % capacity;
          if (what === "load") world = kind.load(rules, kind.save(world));
          else if (what === "spawn") {
            const at = orbs.spawn();
            assert.equal(at, model.spawn(number));
            if (at >= 0) {
              assert.equal(orbs.x[at], 0);
              orbs.x[at] = number;
            }
          } else if (model.entries.delete(slot)) orbs.free(slot);
          else assert.throws(() => orbs.free(slot), new RegExp(`no entry lives in slot ${slot} of ${capacity}`));
          assert.deepEqual(kind.debugView(world).pools.orbs, model.sorted());
          assert.deepEqual(visited(world.pools.orbs), [...model.entries.keys()].sort());
          assert.equal(world.pools.orbs.count, model.entries.size);
        }
      }),
    );
  });

  it("does not visit an entry that is freed or spawned during the loop", () => {
    const orbs = orbsOf(6);
    for (let i = 0; i < 4; i++) orbs.spawn();
    orbs.free(1);
    const slots = visited(orbs, (at) => {
      if (at === 0) orbs.free(2);
      orbs.spawn();
    });
    assert.deepEqual(slots, [0, 3]);
    assert.deepEqual(visited(orbs), [0, 1, 2, 3]);
  });

  it("can be visited within a visit", () => {
    const orbs = orbsOf(3);
    orbs.spawn();
    orbs.spawn();
    const pairs: string[] = [];
    orbs.each((a) => {
      orbs.each((b) => pairs.push(`${a}${b}`));
    });
    assert.deepEqual(pairs, ["00", "01", "10", "11"]);
  });

  it("leaves nothing of a freed entry, and nothing that was written into a free slot", () => {
    const kind = kindOf(2);
    const [one, other] = [0, 1].map(() => kind.create(rules, setupOf([0])));
    for (const world of [one, other]) {
      const { orbs } = world.pools;
      const at = orbs.spawn();
      orbs.x[at] = world === one ? 5 : 6;
      orbs.free(at);
    }
    assert.equal(kind.hash(one), kind.hash(other));
    one.pools.orbs.x[0] = 9;
    one.pools.orbs.spawn();
    other.pools.orbs.spawn();
    assert.equal(kind.hash(one), kind.hash(other));
  });

  it("frees no slot outside of it", () => {
    for (const at of [-1, 3, 0.5, Number.NaN]) assert.throws(() => orbsOf(3).free(at), /no entry lives in slot/);
  });
});
