import assert from "node:assert/strict";
import fc from "fast-check";
import type { Emit } from "../../src/game/emit.ts";
import {
  type GameEvent,
  int,
  name,
  optionalSeat,
  packingOf,
  seat,
  seats,
  unpackField,
  wordsOf,
  wordsOfField,
} from "../../src/game/events.ts";
import { FactWriter } from "../../src/game/FactWriter.ts";
import { GameFault } from "../../src/game/GameFault.ts";

const DID = ["taken", "lost", "scored"] as const;
const events = {
  flag: {
    topic: "flag",
    shed: "never",
    toClients: true,
    fields: { player: seat(), did: name(DID), x: int(0, 1000).default(0), by: optionalSeat().optional() },
  },
  wave: {
    topic: "wave",
    shed: "first",
    toClients: false,
    fields: { all: seats(), force: int(-(2 ** 31), 2 ** 31 - 1) },
  },
  old: { topic: "old", shed: "never", toClients: false, retired: true, fields: { player: seat() } },
  empty: { topic: "empty", shed: "never", toClients: false, fields: {} },
} as const satisfies Record<string, GameEvent>;

const flag = { player: 0, did: "taken", x: 5, by: null } as const;

function open(seatCount = 4): FactWriter<typeof events> {
  const writer = new FactWriter("ctf", events, seatCount);
  writer.begin();
  return writer;
}

/** Reads the facts as readers of the log do; players are seat numbers, sets in ascending order. */
function read({ facts, seats: count }: FactWriter): object[] {
  const read: object[] = [];
  for (let at = 0; at < facts.length; ) {
    const [event, declaration] = Object.entries<GameEvent>(events)[facts.words[at++]];
    const fact: Record<string, unknown> = { event };
    for (const [field, schema] of Object.entries(declaration.fields)) {
      const packing = packingOf(schema);
      fact[field] = unpackField(packing, facts.words, at, count, (player) => player as never);
      at += wordsOfField(packing, count);
    }
    read.push(fact);
  }
  assert.equal(read.length, facts.count);
  return read;
}

const seatIn = (count: number) => fc.nat(count - 1);
const validIn = (count: number) =>
  fc.oneof(
    fc.record({
      ...{ event: fc.constant("flag"), player: seatIn(count), did: fc.constantFrom(...DID) },
      ...{ x: fc.nat(1000), by: fc.option(seatIn(count)) },
    }),
    fc.record({
      ...{ event: fc.constant("wave"), all: fc.uniqueArray(seatIn(count), { maxLength: count }) },
      force: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
    }),
    fc.record({ event: fc.constant("empty") }),
  );
const matches = fc
  .integer({ min: 1, max: 255 })
  .chain((count) => fc.tuple(fc.constant(count), fc.array(validIn(count))));

/** Values that no field accepts. */
const nonsense = fc.constantFrom<unknown>(
  ...[undefined, Number.NaN, 0.5, Number.POSITIVE_INFINITY, -(2 ** 31) - 1, 2 ** 31, 2 ** 32, "1", "", "x", true, {}],
  ...[1n, Symbol("s"), () => 1, [0.5], ["0"], [null], [-1], [255], [0, 0], new Date(0)],
);

describe("emit", () => {
  it("writes any facts that fit their declarations, and they are read back equal and in order", () => {
    fc.assert(
      fc.property(matches, ([count, list]) => {
        const writer = open(count);
        for (const { event, ...fact } of list) (writer.emit as any)[event](fact);
        const sorted = (fact: any) =>
          fact.all === undefined ? { ...fact } : { ...fact, all: fact.all.toSorted((a: number, b: number) => a - b) };
        assert.deepEqual(read(writer), list.map(sorted));
        assert.equal(writer.fault, null);
      }),
    );
  });

  it("throws on any value that does not fit, names game, event and field, and writes nothing", () => {
    const outOfRange = {
      player: [-1, 4, null],
      did: ["stolen", null, 0],
      x: [-1, 1001, null],
      by: [-1, 4],
      all: [null, 1],
      force: [null],
    };
    const cases = Object.entries({ flag, wave: { all: [1], force: 1 } }).flatMap(([event, fact]) =>
      Object.keys(fact).map((field) => ({ event, field, fact })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...cases), nonsense, fc.nat(), ({ event, field, fact }, value, pick) => {
        const more: readonly unknown[] = outOfRange[field as keyof typeof outOfRange];
        for (const wrong of [value, more[pick % more.length]]) {
          const writer = open();
          writer.emit.flag(flag);
          const before = read(writer);
          assert.throws(() => (writer.emit as any)[event]({ ...fact, [field]: wrong }), {
            ...{ name: "GameFault", game: "ctf", place: `emit.${event}, field ${field}` },
          });
          assert.deepEqual(read(writer), before);
        }
      }),
    );
  });

  it("says on one line what it got, what it expected, and what to do", () => {
    const messageOf = (act: (emit: any) => void): string => {
      try {
        act(open().emit);
      } catch (error) {
        assert.ok(error instanceof GameFault);
        return error.message;
      }
      throw new Error("nothing was thrown");
    };
    const change = "write such a value, or change the declaration of the field in events";
    assert.equal(
      messageOf((emit) => emit.flag({ ...flag, x: 1001 })),
      `ctf, emit.flag, field x: got 1001, expected a whole number from 0 to 1000; ${change}`,
    );
    assert.equal(
      messageOf((emit) => emit.flag({ ...flag, by: 9 })),
      `ctf, emit.flag, field by: got 9, expected a seat from 0 to 3, or null; ${change}`,
    );
    assert.equal(
      messageOf((emit) => emit.flag({ ...flag, did: "a\nb" })),
      `ctf, emit.flag, field did: got "a\\nb", expected one of "taken", "lost", "scored"; ${change}`,
    );
    assert.equal(
      messageOf((emit) => emit.wave({ all: [2, 2], force: 1 })),
      `ctf, emit.wave, field all: got [2, 2], expected an array of different seats from 0 to 3; ${change}`,
    );
    const { x, ...without } = flag;
    assert.equal(
      messageOf((emit) => emit.flag(without)),
      `ctf, emit.flag, field x: the field is missing, expected a whole number from 0 to 1000; ${change}`,
    );
    assert.equal(
      messageOf((emit) => emit.flag({ ...flag, xx: 1 })),
      "ctf, emit.flag, field xx: the event has no such field; declare it in events, or pass only { player, did, x, by }",
    );
    assert.match(
      messageOf((emit) => emit.flag(null)),
      /emit\.flag: got null, expected an object with the fields of the event; pass \{ player, /,
    );
    assert.match(
      messageOf((emit) => emit.flga(flag)),
      /emit\.flga: there is no such event; declare it in events, or use one of flag, wave/,
    );
    assert.match(
      messageOf((emit) => emit.old({ player: 1 })),
      /emit\.old: the event is retired; stop writing it/,
    );
  });

  it("searches at least the first 200 facts of each event in each match for fields that are not declared", () => {
    const [first, second] = [open(), open()];
    for (let count = 0; count < 200; count++) first.emit.flag(flag);
    const wrong = { ...flag, team: 1 };
    for (const { emit } of [first, second])
      assert.throws(() => emit.flag(wrong), /field team: the event has no such field/);
  });

  it("keeps the first fault, so that a game cannot hide it", () => {
    const writer = open();
    assert.throws(() => writer.emit.flag({ ...flag, x: -1 }));
    assert.throws(() => writer.emit.flag({ ...flag, player: -1 }));
    assert.match(writer.fault!.message, /field x: got -1/);
  });

  it("writes nothing outside of a step, and keeps this as a fault without throwing it", () => {
    for (const act of [(emit: any) => emit.flag(flag), (emit: any) => emit.flga(flag)]) {
      const writer = open();
      writer.end();
      act(writer.emit);
      assert.equal(writer.facts.count, 0);
      assert.ok(writer.fault instanceof GameFault);
    }
  });

  it("serves many matches at the same time, whose facts grow without limit", () => {
    const [small, large] = [open(2), open(255)];
    for (let count = 1; count <= 2000; count++) {
      for (const writer of [small, large]) writer.emit.wave({ all: [1, 0], force: count });
    }
    assert.deepEqual(read(small).at(-1), { event: "wave", all: [0, 1], force: 2000 });
    assert.equal(large.facts.length, 2000 * (1 + wordsOf(events.wave, 255)));
    assert.throws(() => small.emit.flag({ ...flag, player: 2 }));
    large.emit.flag({ ...flag, player: 254 });
    large.begin();
    assert.deepEqual(read(large), []);
  });

  it("is typed from the declaration", () => {
    const emit = open().emit as Emit<typeof events>;
    emit.flag({ player: 1, did: "lost", x: 0, by: 2 });
    emit.wave({ all: [], force: 0 });
    // @ts-expect-error: not one of the names
    assert.throws(() => emit.flag({ player: 1, did: "stolen", x: 0, by: null }));
    // @ts-expect-error: a field is missing
    assert.throws(() => emit.flag({ player: 1, did: "lost", x: 0 }));
    // @ts-expect-error: only an optional seat may be null
    assert.throws(() => emit.flag({ player: null, did: "lost", x: 0, by: null }));
    // @ts-expect-error: players are seat numbers
    assert.throws(() => emit.wave({ all: ["p1"], force: 0 }));
    // @ts-expect-error: the event is retired
    assert.throws(() => emit.old({ player: 1 }));
    // @ts-expect-error: there is no such event
    assert.throws(() => emit.flga({}));
  });
});

describe("the range of a field", () => {
  it("must be two whole numbers of 32 bits, the lower first", () => {
    for (const [min, max] of [
      [0, 2 ** 31],
      [-(2 ** 31) - 1, 0],
      [0.5, 1],
      [1, 0],
      [0, Number.NaN],
    ])
      assert.throws(() => int(min, max), /invalid range int\(.*\): expected two whole numbers/);
  });
});
