import assert from "node:assert/strict";
import { type Schema, schema, t } from "@colyseus/schema";
import { InputDecoder, InputEncoder } from "@colyseus/schema/input";
import fc from "fast-check";
import { InputReader } from "../../rooms/match/InputReader.ts";
import type { Game } from "../../src/game/Game.ts";
import { tag } from "../tag/tag.ts";

const Input = schema(
  {
    small: t.int8().default(0),
    ignored: t.uint32().default(0),
    wide: t.uint16().default(0),
    any: t.number().default(0),
    held: t.boolean().default(false),
    half: t.float32().default(0),
  },
  "InputOfTest",
);
const names = ["half", "small", "any", "held", "wide"] as const;
const game: Game = {
  ...(tag as Game),
  Input: Input as unknown as new () => Schema,
  inputFields: names.map((name) => ({ name, min: -1e9, max: 1e9 })),
};

const values = fc.record(
  {
    small: fc.integer({ min: -128, max: 127 }),
    ignored: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    wide: fc.integer({ min: 0, max: 65_535 }),
    any: fc.oneof(fc.integer(), fc.double({ noNaN: true })),
    held: fc.boolean(),
    half: fc.float({ noNaN: true }),
  },
  { requiredKeys: [] },
);

/** −0 and 0 are the same value. */
const plain = (numbers: Iterable<number>): number[] => Array.from(numbers, (number) => number + 0);
const rowOf = (input: Record<string, unknown>): number[] => plain(names.map((name) => Number(input[name])));

describe("input reader", () => {
  it("reads inputs as the framework's decoder does, whichever fields change (property)", () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 10 }), (changes) => {
        const sent = new Input();
        const encoder = new InputEncoder(sent);
        const stock = new InputDecoder(new Input());
        const reader = new InputReader(game);
        for (const change of changes) {
          Object.assign(sent, change);
          const bytes = Uint8Array.from(encoder.encode());
          reader.decode(bytes);
          assert.deepEqual(plain(reader.latest), rowOf(stock.decode(bytes) as never));
        }
      }),
    );
  });

  it("reads packets of the last few inputs as the framework's decoder does (property)", () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (changes) => {
        const sent = new Input();
        const encoder = new InputEncoder(sent, { mode: "unreliable", historySize: 3 });
        const stock = new InputDecoder(new Input());
        const reader = new InputReader(game);
        for (const change of changes) {
          Object.assign(sent, change);
          const bytes = Uint8Array.from(encoder.encode());
          const read: unknown[] = [];
          const wanted: unknown[] = [];
          reader.decodeAll(bytes, (input, seq) => read.push([seq, ...plain(input as Float64Array)]));
          stock.decodeAll(bytes, (input: object, seq: number) => wanted.push([seq, ...rowOf(input as never)]));
          assert.deepEqual(read, wanted);
        }
      }),
    );
  });

  it("stops on any bytes, and reads at most as many inputs as there are bytes (property)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const reader = new InputReader(game);
        reader.decode(bytes);
        let read = 0;
        reader.decodeAll(bytes, () => read++);
        assert.ok(read <= bytes.length);
      }),
    );
  });
});
