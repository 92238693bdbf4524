/**
 * Tick records: each one decodes to what was encoded, without other records and also if events are dropped. Damaged bytes are
 * detected.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Ended } from "../../../schema/matchEvents.ts";
import type { TickRecord } from "../../../src/game/TickEvents.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { RecordDamaged } from "../../../src/pipeline/events/RecordCursor.ts";
import { layoutIdOf, layoutOf } from "../../../src/pipeline/events/RecordLayout.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import type { SheddingLevel } from "../../../src/pipeline/outbox/modes.ts";
import {
  emptyTick,
  type Fact,
  factsOf,
  fixture,
  framesOf,
  identity,
  MATCH_ID,
  recordOf,
  ticksIn,
} from "./fixtureGame.ts";
import { messagesIn } from "./messagesIn.ts";
import { NaiveExpansion } from "./naiveExpansion.ts";

const layout = layoutOf(fixture);

function newDecoder(): TickDecoder {
  const decoder = new TickDecoder();
  decoder.add(layoutIdOf(layout), layout);
  return decoder;
}

function bytesOf(buffer: RecordBuffer): Buffer {
  return Buffer.from(buffer.bytes.subarray(0, buffer.length));
}

const droppedAt: Record<SheddingLevel, string[]> = {
  nothing: [],
  first: ["first"],
  firstAndSecond: ["first", "second"],
};
const match = fc.constantFrom(1, 2, 16, 32, 33, 100).chain((seats) =>
  fc.record({
    seats: fc.constant(seats),
    ticks: ticksIn(seats),
    shedding: fc.constantFrom<SheddingLevel>("nothing", "first", "firstAndSecond"),
  }),
);

describe("a tick record", () => {
  it("expands, without any other record, to what the room recorded", () => {
    fc.assert(
      fc.property(match, ({ seats, ticks, shedding }) => {
        const buffer = new RecordBuffer(16);
        const encoder = new TickEncoder(identity(seats), layout, buffer);
        const naive = new NaiveExpansion(seats);
        ticks.forEach((random, tick) => {
          const record = recordOf(seats, tick, random);
          encoder.encode(record, shedding);
          const messages = messagesIn(newDecoder(), bytesOf(buffer));
          const expected = naive.expand(record, random.facts, droppedAt[shedding]);
          assert.deepEqual(new Map(messages.map(({ topic, value }) => [topic, value.events])), expected);
          const indices = messages.flatMap(({ value }) => value.events.map(({ i }) => i)).sort((a, b) => a - b);
          assert.deepEqual(indices, [...indices.keys()]);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("has the same bytes as in earlier builds, which may read it after a downgrade", () => {
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2), layout, buffer);
    const player = "018f4e3a-9c1b-7d2e-8f00-0123456789ac";
    const left: TickRecord["matchEvents"][number] = { kind: "left", player, seat: 0, reason: "gone" };
    const seatChanges: TickRecord["seatChanges"] = [
      { kind: "seat", seat: 0, player, bot: false, role: 0 },
      { kind: "seat", seat: 1, player: "bot:1", bot: true, role: 1 },
    ];
    encoder.encode({ ...emptyTick(0), seatChanges, matchEvents: [left] }, "nothing");
    const first = bytesOf(buffer);
    const facts: Fact[] = [
      { kind: 2, words: [0, 65_535] },
      { kind: 0, words: [1, -1, 1, -2_147_483_648] },
      { kind: 1, words: [1, 9000] },
    ];
    const frames = framesOf(2, [-127, 255, 0, 64, 0, 3]);
    encoder.encode({ ...emptyTick(1), facts: factsOf(facts), frames, hash: "00ff00ff00ff00ff" }, "first");
    const second = bytesOf(buffer);
    encoder.encodeAborted(1_700_000_000_100);
    const head = "018f4e3a9c1b7d2e8f000123456789ab81429987";
    const ids = "0206726f6f6d2d31046475656c01018f4e3a9c1b7d2e8f000123456789ac0205626f743a31";
    const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("hex");
    const ended = { kind: "ended", reason: "aborted", lastTick: 1, standings: [], teamScores: [] };
    assert.deepEqual(
      [first, second, bytesOf(buffer)].map((bytes) => bytes.toString("hex")),
      [
        `0105${head}0000000000008056febc7842${ids}5a${json([left])}9d01${json(seatChanges)}0102000000`,
        `0178${head}0100000000208356febc7842${ids}01020102ffffffff0f0202d08c010001fd01fe030002800100060000ff00ff00ff00ff02050100000000000100`,
        `01c1${head}0200000000408656febc7842${ids}51${json([ended])}03050100000000000100`,
      ],
    );
  });

  it("produces messages with the key, headers and value of the contract", () => {
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2), layout, buffer);
    encoder.encode({ ...emptyTick(3), facts: factsOf([{ kind: 2, words: [1, 500] }]) }, "nothing");
    assert.deepEqual(messagesIn(newDecoder(), bytesOf(buffer)), [
      {
        topic: "logs_step",
        key: MATCH_ID,
        headers: { id: `${MATCH_ID}:3:logs_step`, seq: "0123456789abcdef:7" },
        value: {
          v: 1,
          game: "fixture",
          matchId: MATCH_ID,
          roomId: "room-1",
          mode: "duel",
          tick: 3,
          at: 1_700_000_000_150,
          events: [{ i: 0, player: "nobody", x: 500 }],
        },
      },
    ]);
  });

  it("adds to `ended` the stored events of the match by topic, itself included, and the dropped ones", () => {
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2), layout, buffer);
    const facts: Fact[] = [
      { kind: 2, words: [0, 1] },
      { kind: 2, words: [1, 1] },
      { kind: 1, words: [0, 9] },
      { kind: 0, words: [0, -1, 1, 5] },
    ];
    encoder.encode({ ...emptyTick(0), facts: factsOf(facts), frames: framesOf(2, [1, 0, 0, 0, 0, 0]) }, "nothing");
    encoder.encode({ ...emptyTick(1), facts: factsOf(facts), frames: framesOf(2, [1, 0, 0, 0, 0, 0]) }, "first");
    const ended: Ended = { kind: "ended", reason: "score", lastTick: 1, standings: [], teamScores: [1, 0] };
    encoder.encode({ ...emptyTick(2), matchEvents: [ended], hash: "00ff00ff00ff00ff" }, "nothing");
    assert.equal(newDecoder().decode(bytesOf(buffer)).ended, true);
    const [message] = messagesIn(newDecoder(), bytesOf(buffer));
    assert.deepEqual(message.value.events, [
      {
        i: 0,
        ...ended,
        counts: { logs_match: 3, logs_hit: 2, logs_step: 2, logs_input: 2 },
        shed: { logs_step: 2 },
      },
    ]);
  });

  it("counts the events of a lost record as dropped, and then repeats every frame", () => {
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2), layout, buffer);
    const frames = framesOf(2, [1, 0, 0, 2, 0, 0]);
    encoder.encode({ ...emptyTick(0), frames, hash: "0000000000000000" }, "nothing");
    encoder.countAsShed();
    encoder.encode({ ...emptyTick(1), frames }, "nothing");
    const decoded = newDecoder().decode(bytesOf(buffer));
    const width = 1 + layout.frame.length;
    assert.equal(decoded.frames.length, 2 * width);
    assert.deepEqual([decoded.counts[1], decoded.shed[1]], [2, 3]);
  });

  it("keeps the latest holder of a seat that a player gave up, because the player's projectiles still fly", () => {
    const buffer = new RecordBuffer(16);
    const encoder = new TickEncoder(identity(2), layout, buffer);
    const change = { kind: "seat", seat: 1, bot: false, role: 0 } as const;
    encoder.encode({ ...emptyTick(0), seatChanges: [{ ...change, player: "p1" }] }, "nothing");
    encoder.encode(
      { ...emptyTick(1), seatChanges: [{ ...change, player: null }], facts: factsOf([{ kind: 2, words: [1, 4] }]) },
      "nothing",
    );
    const step = messagesIn(newDecoder(), bytesOf(buffer)).find(({ topic }) => topic === "logs_step");
    assert.equal(step?.value.events[0].player, "p1");
  });

  it("throws only RecordDamaged for damaged bytes", () => {
    const buffer = new RecordBuffer(16);
    const damage = fc.record({
      at: fc.nat(),
      with: fc.uint8Array({ minLength: 0, maxLength: 8 }),
      cut: fc.nat(),
    });
    fc.assert(
      fc.property(match, damage, ({ seats, ticks, shedding }, { at, with: replacement, cut }) => {
        const encoder = new TickEncoder(identity(seats), layout, buffer);
        encoder.encode(recordOf(seats, 0, ticks[0]), shedding);
        const bytes = bytesOf(buffer);
        bytes.set(replacement.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length);
        const damaged = bytes.subarray(0, bytes.length - (cut % 3));
        try {
          messagesIn(newDecoder(), damaged);
        } catch (error) {
          assert(error instanceof RecordDamaged, String(error));
        }
      }),
      { numRuns: 600 },
    );
  });

  it("throws RecordDamaged for random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.throws(() => newDecoder().decode(bytes), RecordDamaged);
      }),
    );
  });
});
