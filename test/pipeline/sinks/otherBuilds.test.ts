/** Messages that another build has written: in the log, in the lake, and in tables of the sinks. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../../../src/game/events.ts";
import type { EventSource } from "../../../src/pipeline/events/RecordLayout.ts";
import type { LogMessage, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import { type Decoded, decodeMessage, readStoredEvent } from "../../../src/pipeline/sinks/decodeMessage.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { schemaElements } from "../../../src/pipeline/sinks/lake/columnTypes.ts";
import { fieldsInSchema } from "../../../src/pipeline/sinks/lake/fileFields.ts";
import { eventKey, lakeTable } from "../../../src/pipeline/sinks/lake/lakeTables.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { Feed } from "./Feed.ts";
import { filesIn, LakeLog, lake } from "./lakeUnderTest.ts";
import { NOON_MS, tickMessage, uuidV7 } from "./matches.ts";

const head = { topic: "hit", shed: "never", toClients: false } as const;
const first: GameEvent = { ...head, fields: { by: seat(), damage: int(0, 9) } };
/** The second build adds fields. */
const second: GameEvent = {
  ...head,
  fields: {
    ...first.fields,
    combo: int(0, 9).default(3),
    tool: name(["hand", "stick"]).default("stick"),
    witnesses: seats().default([]),
    helper: seat().optional(),
  },
};
const { damage, ...kept } = second.fields;
/** The third one renames a field. */
const third: GameEvent = {
  ...head,
  version: 2,
  fields: { ...kept, harm: damage },
  readers: { 1: ({ damage: harm, ...event }) => ({ ...event, harm }) },
};

const game = (hit: GameEvent, of = "old"): EventSource => ({
  name: of,
  inputFields: [{ name: "jump", min: 0, max: 1, default: 0 }],
  events: { hit },
});
const catalogueOf = (hit: GameEvent) => new EventCatalogue([game(hit)]);

function hitMessage(event: object, v = 1, of = "old"): OutgoingMessage {
  const match = { matchId: uuidV7(NOON_MS, 1), mode: "duel", topic: "logs_hit", tick: 3, at: NOON_MS };
  return tickMessage({ ...match, events: [{ ...event }] }, of, v);
}

function decode(message: OutgoingMessage, catalogue: EventCatalogue): Decoded {
  const feed = new Feed();
  feed.add(0, message);
  return decodeMessage(feed.partitions[0].messages[0], catalogue);
}

function eventIn(decoded: Decoded): Record<string, unknown> {
  assert.ok(decoded.type === "tick", decoded.type === "rejected" ? decoded.detail : decoded.type);
  return decoded.value.events[0];
}

const old = { i: 0, by: "p", damage: 4 };
const defaults = { combo: 3, tool: "stick", witnesses: [] };

describe("a message of an older build", () => {
  it("is read with the defaults of the fields that it lacks", () => {
    assert.deepEqual(eventIn(decode(hitMessage(old), catalogueOf(second))), { ...old, ...defaults });
    const full = { ...old, combo: 1, tool: "hand", witnesses: ["q"], helper: "q" };
    assert.deepEqual(eventIn(decode(hitMessage(full), catalogueOf(second))), full);
  });

  it("is converted by the game's reader, and has the version of this build then", () => {
    const decoded = decode(hitMessage(old), catalogueOf(third));
    assert.deepEqual(eventIn(decoded), { i: 0, by: "p", harm: 4, ...defaults });
    assert.equal(decoded.type === "tick" && decoded.value.v, 2);
    const own = { i: 0, by: "p", harm: 1, ...defaults };
    assert.deepEqual(eventIn(decode(hitMessage(own, 2), catalogueOf(third))), own);
  });

  it("is rejected if the reader cannot convert it", () => {
    const broken: GameEvent = {
      ...third,
      readers: { 1: () => assert.fail("p") },
    };
    for (const [event, hit] of [
      [{ i: 0 }, third],
      [old, broken],
    ] as const) {
      const decoded = decode(hitMessage(event), catalogueOf(hit));
      assert.ok(decoded.type === "rejected" && decoded.reason === "schema");
    }
  });

  it("has the version of its own game, if several games share a topic", () => {
    const both = new EventCatalogue([game(third), game(second, "other")]);
    assert.equal(eventIn(decode(hitMessage(old), both)).harm, 4);
    assert.equal(eventIn(decode(hitMessage(old, 1, "other"), both)).damage, 4);
    const decoded = decode(hitMessage(old, 2, "other"), both);
    assert.ok(decoded.type === "rejected" && decoded.reason === "future-version");
  });

  it("has frames without a field that the game has added", () => {
    const match = { matchId: uuidV7(NOON_MS, 1), mode: "duel", topic: "logs_input", tick: 3, at: NOON_MS };
    const frame = tickMessage({ ...match, events: [{ kind: "frame", seat: 1, rewindTicks: 0 }] }, "old");
    assert.equal(eventIn(decode(frame, catalogueOf(first))).jump, 0);
  });
});

describe("a message of a newer build", () => {
  it("is rejected, or keeps what this build does not know", () => {
    const added = { ...old, combo: 1, aura: ["x"] };
    assert.deepEqual(eventIn(decode(hitMessage(added), catalogueOf(first))), added);
    const decoded = decode(hitMessage({ i: 0, by: "p", harm: 1 }, 2), catalogueOf(second));
    assert.ok(decoded.type === "rejected" && decoded.reason === "future-version");
  });
});

describe("an event that another build has stored as JSON", () => {
  const from = { topic: "logs_hit", game: "old" };

  it("is converted and completed", () => {
    const read = readStoredEvent({ ...old }, { ...from, v: 1 }, catalogueOf(third));
    assert.deepEqual(read, { i: 0, by: "p", harm: 4, ...defaults });
  });

  it("is refused if this build cannot read it", () => {
    assert.throws(() => readStoredEvent({ ...old }, { ...from, v: 3 }, catalogueOf(third)), /newer than this build/);
    assert.throws(() => readStoredEvent({ i: 0, by: "p" }, { ...from, v: 2 }, catalogueOf(third)), /events\.0: harm/);
    assert.throws(
      () => readStoredEvent({}, { ...from, game: "x", v: 1 }, catalogueOf(third)),
      /does not know logs_hit/,
    );
  });
});

describe("a lake file of another build", () => {
  let directory: string;
  let objects: DirectoryStore;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "lake-"));
    objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function store(hit: GameEvent, ...messages: OutgoingMessage[]): Promise<void> {
    const log = new LakeLog("logs_hit");
    for (const message of messages) log.add({ ...message, headers: { id: message.headers.id } });
    await log.deliverAll(lake(objects, {}, [game(hit)]));
  }
  const read = async (hit: GameEvent): Promise<LogMessage[]> =>
    (await filesIn(objects, "logs_hit", catalogueOf(hit))).flatMap(({ messages }) => messages);

  it("is read with its own fields, which the reader of this build converts", async () => {
    await store(second, hitMessage(old), hitMessage({ ...old, combo: 1 }));
    const decoded = (await read(third)).map((message) => decodeMessage(message, catalogueOf(third)));
    assert.deepEqual(decoded.map(eventIn), [
      { i: 0, by: "p", harm: 4, ...defaults },
      { i: 0, by: "p", harm: 4, ...defaults, combo: 1 },
    ]);
  });

  it("is read with the defaults of this build for fields that it does not have", async () => {
    const nullable: GameEvent = { ...head, fields: { ...first.fields, boss: optionalSeat().default("b") } };
    await store(first, hitMessage(old));
    const [message] = await read(nullable);
    assert.deepEqual(JSON.parse(String(message.value)).events, [old]);
  });

  it("is read by the names of its columns, if the build did not store its fields", () => {
    const { columns } = lakeTable("logs_hit", catalogueOf(second));
    const schema = columns.flatMap(({ name: column, type, required }) => schemaElements(column, type, required));
    schema.unshift({ name: "root", num_children: columns.length });
    const { fields, fieldPositions } = fieldsInSchema(lakeTable("logs_hit", catalogueOf(third)), schema);
    const positions = [...fieldPositions.get(eventKey("old", ""))!].map(([field, { position, nullable }]) => {
      const { name, type } = fields[position];
      return [field, name, type, nullable];
    });
    assert.deepEqual(positions, [
      ["by", "by", "text", false],
      ["combo", "combo", "int32", false],
      ["tool", "tool", "text", false],
      ["witnesses", "witnesses", "texts", false],
      ["helper", "helper", "text", false],
      ["damage", "damage", "int32", false],
    ]);
  });

  it("keeps the fields that only a newer build knows", async () => {
    await store(first, hitMessage({ ...old, combo: 1, helper: "q" }));
    const [message] = await read(second);
    const decoded = decodeMessage(message, catalogueOf(second));
    assert.deepEqual(eventIn(decoded), { ...old, ...defaults, combo: 1, helper: "q" });
  });
});
