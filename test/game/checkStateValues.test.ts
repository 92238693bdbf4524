/** A value that its field cannot hold is found, and the line names the field, the value and the range. */
import assert from "node:assert/strict";
import { schema, t } from "@colyseus/schema";
import { checkStateValues } from "../../src/game/checkStateValues.ts";

const Body = schema({ x: t.uint16(), speed: t.float32(), name: t.string(), alive: t.boolean() }, "CheckedBody");
const State = schema(
  { tick: t.uint32(), small: t.int8(), bodies: t.map(Body), scores: t.array("uint8"), first: Body, any: t.number() },
  "CheckedState",
);

function newState() {
  const state = new State();
  const body = new Body();
  Object.assign(body, { x: 65_535, speed: 0.5, name: "a", alive: true });
  const first = new Body();
  first.x = 0;
  Object.assign(state, { tick: 0xffffffff, small: -128, first, any: 1e300 });
  state.bodies.set("one", body);
  state.scores.push(0, 255);
  return { state, body };
}

describe("values of a synced state", () => {
  it("are accepted up to the limits of their types, and where they are missing", () => {
    checkStateValues("ctf", 1, newState().state);
    checkStateValues("ctf", 1, new State());
  });

  const cases: readonly [set: (given: ReturnType<typeof newState>) => void, line: RegExp][] = [
    [
      ({ body }) => (body.x = 70_000),
      /field bodies\["one"\]\.x: is 70000, expected .* 0 to 65535, as uint16 holds; clamp/,
    ],
    [({ body }) => (body.x = 1.5), /bodies\["one"\]\.x: is 1\.5, expected .*; round it with Math\.trunc in project/],
    [({ body }) => (body.x = Number.NaN), /bodies\["one"\]\.x: is NaN, expected a whole number/],
    [({ body }) => (body.speed = 1e39), /bodies\["one"\]\.speed: is 1e\+39, expected a number from -3\.4/],
    [
      ({ state }) => (state.small = 128),
      /field small: is 128, expected a whole number from -128 to 127, as int8 holds;/,
    ],
    [({ state }) => (state.scores[1] = 256), /field scores\[1\]: is 256, expected a whole number from 0 to 255/],
    [({ state }) => (state.first.x = -1), /field first\.x: is -1, expected a whole number from 0 to 65535/],
    [({ state }) => (state.any = Number.NaN), /field any: is NaN, expected a number/],
  ];
  for (const [set, line] of cases)
    it(`are refused as in ${line.source}`, () => {
      const given = newState();
      set(given);
      assert.throws(
        () => checkStateValues("ctf", 12, given.state),
        (error: Error) => {
          assert.match(error.message, /^ctf, project at tick 12, field [^\n]+$/);
          assert.match(error.message, line);
          return true;
        },
      );
    });
});
