import assert from "node:assert/strict";
import fc from "fast-check";
import { int, name, optionalSeat, seat } from "../../src/game/events.ts";
import { defaultsOf, readerOf } from "../../src/game/readFields.ts";
import { readJoinOptions } from "../../src/game/readJoinOptions.ts";
import { sampleCommands } from "../../src/game/sampleCommands.ts";

const fields = {
  x: int(-5, 99),
  y: int(0, 9).default(3),
  what: name(["tower", "wall"]),
  to: seat(),
  from: optionalSeat(),
};
const read = readerOf(fields);
const seatOf = (player: string) => ["a", "b"].indexOf(player);

describe("the fields that a client sends", () => {
  it("are read in the order of their declaration, and cannot be changed", () => {
    const reading = read({ from: null, to: "b", what: "wall", x: -0 }, seatOf);
    assert.deepEqual(reading, { values: { x: 0, y: 3, what: "wall", to: 1, from: null } });
    const { values } = reading as { values: object };
    assert.deepEqual(Object.keys(values), Object.keys(fields));
    assert.ok(Object.isFrozen(values));
  });

  it("name a player who has no seat: that is no mistake of the shape", () => {
    assert.deepEqual(read({ x: 1, what: "wall", to: "c", from: null }, seatOf), { playerUnknown: true });
    assert.deepEqual(read({ x: 100, what: "wall", to: "c", from: null }, seatOf), {
      problem: "x: got 100, expected a whole number from -5 to 99",
    });
  });

  it("are within their declaration, or refused in one line, whatever is sent", () => {
    const value = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true }),
      fc.constantFrom("a", "wall", 7),
    );
    const sent = fc.oneof(value, fc.record({ x: value, y: value, what: value, to: value, from: value }));
    fc.assert(
      fc.property(sent, (any) => {
        const reading = read(any, seatOf);
        if ("problem" in reading) return !reading.problem.includes("\n") && reading.problem.length < 300;
        if ("playerUnknown" in reading) return true;
        const { x, y, what, to, from } = reading.values as any;
        return (
          Number.isInteger(x) &&
          x >= -5 &&
          x <= 99 &&
          Number.isInteger(y) &&
          y >= 0 &&
          y <= 9 &&
          ["tower", "wall"].includes(what) &&
          [0, 1].includes(to) &&
          [0, 1, null].includes(from)
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("round-trip: what is declared is accepted as it is", () => {
    const valid = fc.record({
      ...{ x: fc.integer({ min: -5, max: 99 }), y: fc.integer({ min: 0, max: 9 }) },
      ...{ what: fc.constantFrom("tower", "wall"), to: fc.constantFrom("a", "b"), from: fc.constantFrom("a", null) },
    });
    fc.assert(
      fc.property(valid, (sent) => {
        const from = sent.from === null ? null : seatOf(sent.from);
        assert.deepEqual(read(sent, seatOf), { values: { ...sent, to: seatOf(sent.to), from } });
      }),
    );
  });
});

describe("join options", () => {
  const joinOptions = { problem: int(0, 3).default(2), skin: name(["red", "blue"]).default("blue") };

  it("are complete", () => {
    assert.deepEqual(defaultsOf(joinOptions), { problem: 2, skin: "blue" });
    assert.deepEqual(readJoinOptions({ joinOptions }, undefined), { values: { problem: 2, skin: "blue" } });
    assert.deepEqual(readJoinOptions({ joinOptions }, { problem: 0 }), { values: { problem: 0, skin: "blue" } });
    assert.deepEqual(readJoinOptions({}, undefined), { values: undefined });
    assert.deepEqual(readJoinOptions({}, {}), { values: undefined });
  });
});

describe("sample commands", () => {
  it("are as a client could send them", () => {
    const commands = { one: { fields }, two: { fields: { far: int(-2147483648, 2147483647) } } };
    for (let tick = 0; tick < 500; tick++) {
      const [command] = sampleCommands(commands, 2, tick);
      const { to, from, ...data } = command.data;
      const sent = command.name === "one" ? { ...data, to: "ab"[to], from: "ab"[from] } : data;
      const reading = readerOf(commands[command.name as "one"].fields)(sent, seatOf);
      assert.deepEqual(reading, { values: command.data });
      assert.ok(command.seat === 0 || command.seat === 1);
    }
    assert.deepEqual(sampleCommands({}, 2, 5), []);
  });
});
