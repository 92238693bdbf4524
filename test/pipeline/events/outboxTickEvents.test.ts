/** What rooms record becomes messages by way of the outbox. Matches that cannot end normally get an `aborted` end. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Ended } from "../../../schema/matchEvents.ts";
import { closeOpenMatches } from "../../../src/pipeline/events/closeOpenMatches.ts";
import { encodeMessageRecord } from "../../../src/pipeline/events/messageRecord.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import { countOpen, openChanges } from "../../../src/pipeline/events/openChanges.ts";
import { RecordExpander } from "../../../src/pipeline/events/RecordExpander.ts";
import type { OutboxReader, OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openDrain, openReader, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { Temporary } from "../outbox/temporary.ts";
import { emptyTick, factsOf, fixture, identity, MATCH_ID } from "./fixtureGame.ts";
import type { TickMessage } from "./objectExpansion.ts";

const OTHER_ID = MATCH_ID.replace("0123", "4567");
const options = { limitBytes: 2 ** 24 };
const DAY_MS = 86_400_000;

async function messagesOf(reader: OutboxReader): Promise<Pick<TickMessage, "topic" | "value">[]> {
  const expander = new RecordExpander(reader);
  const messages: Pick<TickMessage, "topic" | "value">[] = [];
  for (let after = 0; ; ) {
    const batch = await reader.read(after, 1e6);
    if (batch.records.length === 0) return messages;
    await expander.loadLayouts(batch);
    for (const record of batch.records) {
      for (const { topic, value } of expander.expand(record))
        messages.push({ topic, value: JSON.parse(String(value)) });
    }
    after = batch.next;
  }
}

describe("OutboxTickEvents", () => {
  let temporary: Temporary;
  let writer: OutboxWriter;
  let tickEvents: OutboxTickEvents;
  let faults: unknown[];

  const begin = async () => {
    writer = temporary.closeAtEnd(await openWriter(temporary.dataDir, options));
    const onFault = (error: unknown) => faults.push(error);
    tickEvents = new OutboxTickEvents({ writer, games: [fixture], now: () => 99, onFault });
  };
  const readAll = async () => {
    await writer.whenCommitted();
    const reader = openReader(writer.directory);
    const messages = await messagesOf(reader);
    await reader.close();
    return messages;
  };

  beforeEach(async () => {
    temporary = new Temporary();
    faults = [];
    await begin();
  });
  afterEach(() => temporary.end());

  it("records interleaved matches that expand to the messages of the contract", async () => {
    const [one, two] = [tickEvents.open(identity(2)), tickEvents.open(identity(2, OTHER_ID))];
    for (let tick = 0; tick < 3; tick++) {
      one.record({ ...emptyTick(tick), facts: factsOf([{ kind: 2, words: [0, tick] }]) });
      two.record({ ...emptyTick(tick), facts: factsOf([{ kind: 1, words: [1, tick] }]) });
    }
    const messages = await readAll();
    assert.deepEqual(
      messages.map(({ topic, value }) => [topic, value.matchId, value.tick, value.events[0].x]),
      [0, 1, 2].flatMap((tick) => [
        ["logs_step", MATCH_ID, tick, tick],
        ["logs_match", OTHER_ID, tick, tick],
      ]),
    );
    one.close();
    two.close();
  });

  it("appends one `aborted` if a room is disposed without `ended`", async () => {
    const recorder = tickEvents.open(identity(2));
    recorder.record({ ...emptyTick(0), facts: factsOf([{ kind: 2, words: [0, 1] }]) });
    recorder.close();
    recorder.close();
    const [, { value }, ...rest] = await readAll();
    assert.deepEqual(rest, []);
    assert.equal(value.tick, 1);
    assert.deepEqual(value.events, [
      {
        i: 0,
        kind: "ended",
        reason: "aborted",
        lastTick: 0,
        standings: [],
        teamScores: [],
        counts: { logs_match: 1, logs_step: 1 },
        shed: {},
      },
    ]);
  });

  for (const how of ["ended", "aborted"] as const) {
    it(`stores an \`ended\` (${how}) that memory could not hold once there is room, exactly once, with the right counts`, async () => {
      const append = writer.append.bind(writer);
      const clock = mock.timers;
      clock.enable({ apis: ["setInterval"] });
      try {
        tickEvents = new OutboxTickEvents({
          writer,
          games: [fixture],
          now: () => 99,
          onFault: (error) => faults.push(error),
        });
        const recorder = tickEvents.open(identity(2));
        recorder.record({ ...emptyTick(0), hash: "0000000000000001" });
        writer.append = () => 0;
        recorder.record({ ...emptyTick(1), hash: "0000000000000002" });
        const ended: Ended = { kind: "ended", reason: "time", lastTick: 1, standings: [], teamScores: [] };
        if (how === "ended") recorder.record({ ...emptyTick(2), matchEvents: [ended] });
        recorder.close();
        clock.tick(5000);
        writer.append = append;
        clock.tick(5000);
      } finally {
        clock.reset();
      }
      const ends = (await readAll()).filter(({ value }) => value.events[0].kind === "ended");
      assert.deepEqual(
        ends.map(({ value }) => [value.tick, value.events[0].reason, value.events[0].counts, value.events[0].shed]),
        [[2, how === "ended" ? "time" : "aborted", { logs_match: 1, logs_input: 1 }, { logs_input: 1 }]],
      );
    });
  }

  it("repeats all frames, and ends the match, after a record that could not be encoded", async () => {
    const recorder = tickEvents.open(identity(2));
    recorder.record({ ...emptyTick(0), hash: "0000000000000001" });
    recorder.record({ ...emptyTick(1), matchEvents: [{ kind: "ended", lastTick: 1n } as never] });
    recorder.close();
    const ends = (await readAll()).filter(({ value }) => value.events[0].kind === "ended");
    assert.deepEqual(
      ends.map(({ value }) => value.events[0].reason),
      ["aborted"],
    );
  });

  it("lets the next process end the matches of a dead process, from stored and from acknowledged records", async () => {
    const acknowledgedMatch = tickEvents.open(identity(2));
    const storedMatch = tickEvents.open(identity(2, OTHER_ID));
    const endedMatch = tickEvents.open(identity(2, MATCH_ID.replace("0123", "89ab")));
    acknowledgedMatch.record({ ...emptyTick(0), hash: "0000000000000001" });
    acknowledgedMatch.record({ ...emptyTick(1), hash: "0000000000000002" });
    const ended = { kind: "ended", reason: "time", lastTick: 0, standings: [], teamScores: [] } as const;
    endedMatch.record({ ...emptyTick(0), hash: "0000000000000003" });
    await writer.whenCommitted();

    const drain = await openDrain(writer.directory);
    const { records, next } = await drain.read(0, 1e6);
    await drain.acknowledge(next, openChanges(records));
    assert.equal(countOpen(drain.state), 2);
    storedMatch.record({ ...emptyTick(0), hash: "0000000000000004" });
    endedMatch.record({ ...emptyTick(1), matchEvents: [{ ...ended, standings: [], teamScores: [] }] });
    await writer.close();

    await begin();
    assert.deepEqual(await closeOpenMatches(writer, 5), { closed: 2, unreadable: 0, disconnected: 0 });
    assert.deepEqual(await closeOpenMatches(writer, 6), { closed: 0, unreadable: 0, disconnected: 0 });
    const aborted = (await readAll()).filter(({ value }) => value.events[0].reason === "aborted");
    const ends = aborted.map(({ value }) => [value.matchId, value.tick, value.at, value.events[0].counts]);
    assert.deepEqual(ends, [
      [MATCH_ID, 2, 5, { logs_match: 1, logs_input: 2 }],
      [OTHER_ID, 1, 5, { logs_match: 1, logs_input: 1 }],
    ]);

    const rest = await drain.read(next, 1e6);
    await drain.acknowledge(rest.next, openChanges(rest.records));
    assert.equal(countOpen(drain.state), 0);
    await drain.close();
  });

  const connected = (connection: string, at: number) => ({
    v: 1,
    at,
    kind: "connected",
    player: "p1",
    connection,
    fps: 60,
  });
  const append = (value: object) => {
    const record = encodeMessageRecord({ topic: "logs_player", key: "p1", id: "id-1", value });
    writer.append(record, record.length);
  };
  const endsOfDead = async () => {
    const values = (await readAll()).map(({ value }) => value as Record<string, any>);
    return values.filter(({ reason }) => reason === "process_died");
  };

  it("lets the next process end the connections of a dead process, each once, when the process was last seen", async () => {
    append(connected("acknowledged", 1));
    append(connected("left", 2));
    await writer.whenCommitted();
    const drain = await openDrain(writer.directory);
    const { records, next } = await drain.read(0, 1e6);
    await drain.acknowledge(next, openChanges(records));
    append(connected("stored", Date.now() + DAY_MS));
    append({ ...connected("left", 2), kind: "disconnected" });
    await writer.whenCommitted();
    const lastSeenAt = (await drain.read(next, 1e6)).records.at(-1)!.appendedAt;
    await writer.close();

    await begin();
    const later = Date.now() + 2 * DAY_MS;
    assert.deepEqual(await closeOpenMatches(writer, later), { closed: 0, unreadable: 0, disconnected: 2 });
    assert.deepEqual(await closeOpenMatches(writer, later), { closed: 0, unreadable: 0, disconnected: 0 });
    assert.deepEqual(
      (await endsOfDead()).map(({ connection, at, connectedAt, ...rest }) => [connection, at - connectedAt, rest]),
      [
        ["acknowledged", lastSeenAt - 1],
        ["stored", 0],
      ].map((start) => [...start, { v: 1, kind: "disconnected", player: "p1", fps: 60, reason: "process_died" }]),
    );

    const rest = await drain.read(next, 1e6);
    await drain.acknowledge(rest.next, openChanges(rest.records));
    assert.equal(countOpen(drain.state), 0);
    await drain.close();
  });

  it("knows when a dead process was last seen, although all its records are acknowledged", async () => {
    append(connected("acknowledged", 1));
    await writer.whenCommitted();
    const drain = await openDrain(writer.directory);
    const { records, next } = await drain.read(0, 1e6);
    await drain.acknowledge(next, openChanges(records));
    await drain.close();
    await writer.close();
    await begin();
    assert.equal((await closeOpenMatches(writer, Date.now() + DAY_MS)).disconnected, 1);
    assert.deepEqual(
      (await endsOfDead()).map(({ at }) => at),
      [records[0].appendedAt],
    );
  });

  it("shares the outbox with messages that belong to no match", async () => {
    const record = encodeMessageRecord({
      topic: "logs_queue",
      key: "p1",
      id: "id-1",
      value: { v: 1, kind: "entered" },
    });
    writer.append(record, record.length);
    assert.deepEqual(await readAll(), [{ topic: "logs_queue", value: { v: 1, kind: "entered" } }]);
  });

  it("reports a record that cannot be encoded and continues", async () => {
    const recorder = tickEvents.open(identity(2));
    recorder.record({ ...emptyTick(0), setup: { constants: 1n } as never });
    recorder.record({ ...emptyTick(1), hash: "0000000000000001" });
    assert.equal(faults.length, 1);
    assert.equal((await readAll()).length, 1);
    recorder.close();
  });

  it("counts events, including dropped ones", async () => {
    const recorder = tickEvents.open(identity(2));
    Object.assign(writer, { shedding: "first" });
    recorder.record({ ...emptyTick(0), facts: factsOf([{ kind: 2, words: [0, 1] }]) });
    const { mode, shed, lostRecords } = tickEvents.stats();
    assert.deepEqual({ mode, shed, lostRecords }, { mode: "open", shed: { logs_step: 1 }, lostRecords: 0 });
    recorder.close();
    assert.deepEqual(tickEvents.stats().shed, { logs_step: 1 });
  });
});
