import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import type { OutboxRecord, OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { PartitionPins, type StateChange } from "../../../src/pipeline/relay/PartitionPins.ts";
import { RecordedMatch } from "./recordMatch.ts";

/** The records of two matches: the first one from record 1, the second one from record 4; both end. */
function recordsOfTwoMatches(): OutboxRecord[] {
  const records: OutboxRecord[] = [];
  const append = (bytes: Uint8Array, length: number) =>
    records.push({ number: records.length + 1, appendedAt: 0, bytes: Uint8Array.from(bytes.subarray(0, length)) });
  const writer = { append, define() {}, onMode: () => () => {}, shedding: "nothing", refusal: () => null };
  const onFault = (error: unknown) => {
    throw error;
  };
  const tickEvents = new OutboxTickEvents({
    ...{ writer: writer as unknown as OutboxWriter, now: Date.now, onFault, games: [arena] },
  });
  const first = new RecordedMatch(tickEvents, "duel");
  first.step();
  first.step();
  const second = new RecordedMatch(tickEvents, "duel");
  for (const match of [first, second]) match.step();
  for (const match of [first, second]) match.end();
  return records;
}

describe("the partitions of matches", () => {
  const counts = (count: number) => new Map([["logs_move", count]]);
  let state: Map<string, Uint8Array>;
  let records: OutboxRecord[];
  const store = (changes: Iterable<StateChange>) => {
    for (const [key, value] of changes) value === null ? state.delete(key) : state.set(key, value);
  };
  const partitionsOfAll = (pins: PartitionPins) => records.map((record) => pins.partitionsOf(record, "logs_move"));

  beforeEach(() => {
    state = new Map();
    records = recordsOfTwoMatches();
    assert.equal(records.length, 8);
  });

  it("are chosen among those that exist when its first record is sent, although more are added", () => {
    const pins = new PartitionPins(state);
    store(pins.learn(counts(4), 1));
    pins.note(records.slice(0, 3));
    assert.deepEqual(pins.learn(counts(4), 4), []);
    store(pins.learn(counts(6), 4));
    pins.note(records.slice(3));
    const expected = [4, 4, 4, 6, 4, 6, 4, 6];
    assert.deepEqual(partitionsOfAll(pins), expected);

    const successor = new PartitionPins(state);
    successor.learn(counts(9), null);
    successor.note(records);
    assert.deepEqual(partitionsOfAll(successor), expected, "it has acknowledged nothing, and sends all of them again");
  });

  it("are kept with the acknowledgement as long as a match is open, and forgotten then", () => {
    const pins = new PartitionPins(state);
    store(pins.learn(counts(4), 1));
    pins.note(records.slice(0, 3));
    store(pins.acknowledge(records.slice(0, 3), 3));
    store(pins.learn(counts(6), 4));
    pins.note(records.slice(3));
    store(pins.acknowledge(records.slice(3, 6), 6));

    const successor = new PartitionPins(state);
    assert.deepEqual(
      records.slice(6).map((record) => successor.partitionsOf(record, "logs_move")),
      [4, 6],
    );
    store(pins.acknowledge(records.slice(6), 8));
    assert.deepEqual([...state.keys()], ["partitions/4"]);
  });

  it("ignore added partitions while the previous relay may have sent the same records", () => {
    store(new PartitionPins(state).learn(counts(4), 1));
    const successor = new PartitionPins(state);
    assert.deepEqual(successor.learn(counts(6), null), []);
    successor.note(records);
    assert.deepEqual(new Set(partitionsOfAll(successor)), new Set([4]));
  });

  it("of a topic that is new hold for all records, because none was sent to it", () => {
    const pins = new PartitionPins(state);
    store(pins.learn(counts(4), 1));
    pins.note(records);
    assert.equal(pins.partitionsOf(records[0], "logs_heal"), undefined);
    store(pins.learn(new Map([["logs_heal", 2]]), null));
    assert.equal(new PartitionPins(state).partitionsOf(records[0], "logs_heal"), 2);
  });
});
