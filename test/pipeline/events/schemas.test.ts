/** The declarations of events: what is derived from them, which changes break consumers, and how versions are read. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import * as z from "zod";
import { type GameEvent, int, name, seat } from "../../../src/game/events.ts";
import { breakingChanges } from "../../../src/pipeline/events/breakingChanges.ts";
import { type EventSchemas, eventSchemasOf } from "../../../src/pipeline/events/eventSchemas.ts";
import { type JsonSchema, messageSchemas } from "../../../src/pipeline/events/messageSchemas.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { layoutIdOf, layoutOf } from "../../../src/pipeline/events/RecordLayout.ts";
import { retypedFields } from "../../../src/pipeline/events/retypedFields.ts";
import { incompatibilities, outdatedTopics, writeSchemas } from "../../../src/pipeline/events/schemaFiles.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { FutureVersion, toCurrentVersion, UnknownVersion } from "../../../src/pipeline/events/versions.ts";
import { events, fixture, identity, recordOf, ticksIn } from "./fixtureGame.ts";
import { messagesIn } from "./messagesIn.ts";

describe("event declarations", () => {
  it("describe every event that a record expands to", () => {
    const layout = layoutOf(fixture);
    const schemas = eventSchemasOf(fixture);
    fc.assert(
      fc.property(ticksIn(4), (ticks) => {
        const decoder = new TickDecoder();
        decoder.add(layoutIdOf(layout), layout);
        const buffer = new RecordBuffer(16);
        const encoder = new TickEncoder(identity(4), layout, buffer);
        ticks.forEach((tick, number) => {
          const inRange = { ...tick, frames: tick.frames?.map((value) => Math.abs(value % 128)) ?? null };
          encoder.encode(recordOf(4, number, inRange), "nothing");
          for (const { topic, value } of messagesIn(decoder, buffer.bytes.subarray(0, buffer.length))) {
            for (const event of value.events)
              assert.deepEqual(schemaOf(schemas.get(topic)!, event.kind).parse(event), event);
          }
        });
      }),
    );
  });

  it("produce the committed JSON Schemas", () => {
    const command = join(import.meta.dirname, "../../../src/main/commands/eventSchemas.ts");
    execFileSync(process.execPath, [command, "--check"], { stdio: "pipe" });
  });

  it("of the games of GAMES produce JSON Schemas too, in a directory of their own or beside those of the arena", () => {
    const command = join(import.meta.dirname, "../../../src/main/commands/eventSchemas.ts");
    const directory = mkdtempSync(join(tmpdir(), "schemas-"));
    const call = (...args: string[]) => {
      const env = { ...process.env, GAMES: join(import.meta.dirname, "../../tag/games.ts") };
      return spawnSync(process.execPath, [command, ...args], { encoding: "utf8", env });
    };
    try {
      assert.equal(call("--check", "--dir", directory).status, 1);
      assert.equal(call("--dir", join(directory, "events")).status, 0);
      const written = readdirSync(join(directory, "events"));
      assert(written.includes("logs_tag.json") && written.includes("logs_queue.json"));
      assert(!written.includes("logs_attack.json"));
      assert.equal(call("--check", "--dir", join(directory, "events")).status, 0);
      const beside = call("--check");
      assert.equal(beside.status, 1);
      assert.match(beside.stderr, /is out of date: logs_input, logs_tag; run: npm run events:schema\n$/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("produce a file per topic, and report which file is outdated", () => {
    const directory = mkdtempSync(join(tmpdir(), "schemas-"));
    try {
      const schemas = messageSchemas([fixture]);
      const ofGame = ["logs_match", "logs_input", "logs_hit", "logs_step", "logs_fall"];
      assert.deepEqual(
        [...schemas.keys()],
        [...ofGame, "logs_queue", "logs_stats", "logs_admin", "logs_player", "logs_rating"],
      );
      writeSchemas(directory, schemas);
      assert.deepEqual(outdatedTopics(directory, schemas), []);
      assert.deepEqual(incompatibilities(directory, schemas), []);
      const { hit: _, ...rest } = events;
      const fewer = messageSchemas([{ ...fixture, events: rest }]);
      assert.deepEqual(outdatedTopics(directory, fewer), ["logs_hit"]);
      assert.deepEqual(incompatibilities(directory, fewer), [
        "logs_hit: the topic was removed, so its older messages cannot be read: declare its event with retired: true",
      ]);
      const retired = messageSchemas([{ ...fixture, events: { ...events, hit: { ...events.hit, retired: true } } }]);
      assert.deepEqual(incompatibilities(directory, retired), []);
      assert.match(JSON.stringify(retired.get("logs_hit")), /"deprecated":true/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("accept a breaking change with a raised version, unless a field keeps its name and changes its type", () => {
    const withHit = (hit: GameEvent) => messageSchemas([{ ...fixture, events: { ...events, hit } }]);
    const readers = { 1: (event: object) => ({ ...event }) };
    const directory = mkdtempSync(join(tmpdir(), "schemas-"));
    try {
      writeSchemas(directory, messageSchemas([fixture]));
      const { force, ...kept } = events.hit.fields;
      const renamed = { ...events.hit, fields: { ...kept, power: force } };
      assert.match(incompatibilities(directory, withHit(renamed))[0], /value\.events\[\]\.force was removed, or raise/);
      assert.deepEqual(incompatibilities(directory, withHit({ ...renamed, version: 2, readers })), []);
      const retyped = { ...events.hit, fields: { ...kept, force: name(["weak", "strong"]) }, version: 2, readers };
      assert.deepEqual(incompatibilities(directory, withHit(retyped)), [
        "logs_hit: value.events[].force was integer and is now string: give the changed field a new name, because its column keeps its type",
      ]);
      writeSchemas(directory, withHit({ ...renamed, version: 2, readers }));
      assert.deepEqual(incompatibilities(directory, withHit(events.hit)), [
        "logs_hit: the version was lowered from 2 to 1",
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("accept no field that changes its type inside a list, a map or an object, which have columns in the lake", () => {
    const schema = (x: z.ZodType) => {
      const inside = z.object({ x, y: z.int() });
      const events = z.array(
        z.object({ list: z.array(inside), map: z.record(z.string(), inside), one: inside.nullable() }),
      );
      return z.toJSONSchema(z.object({ events })) as JsonSchema;
    };
    assert.deepEqual(retypedFields(schema(z.int()), schema(z.int().max(3).nullable())), []);
    assert.deepEqual(
      retypedFields(schema(z.int()), schema(z.string())).map((line) => line.split(":")[0]),
      ["list[].x", "map{}.x", "one.x"].map((field) => `value.events[].${field} was integer and is now string`),
    );
  });

  it("describe the messages of each version that the games of a topic write", () => {
    const raised = { ...events.hit, version: 2, readers: { 1: (event: object) => ({ ...event }) } };
    const other = { ...fixture, name: "other", events: { hit: raised } };
    const versions = (messageSchemas([fixture, other]).get("logs_hit") as { anyOf: JsonSchema[] }).anyOf.map(
      ({ properties }) => (properties as { v: { const: number } }).v.const,
    );
    assert.deepEqual(versions, [1, 2]);
  });

  it("reject two events in one topic, and a topic of the platform", () => {
    const twice = { ...events, jump: events.step };
    assert.throws(() => eventSchemasOf({ ...fixture, events: twice }), /jump shares the topic logs_step/);
    const queue = { ...events, jump: { ...events.step, topic: "queue" } };
    assert.throws(() => eventSchemasOf({ ...fixture, events: queue }), /jump has the topic logs_queue, which belongs/);
  });
});

function schemaOf(schemas: EventSchemas, kind: string | undefined): z.ZodObject {
  return "only" in schemas ? schemas.only : schemas.byKind.get(kind ?? "")!;
}

describe("a change to an event", () => {
  const before = { player: seat(), x: int(0, 100), kind: z.enum(["a", "b"]), note: z.string().nullable() };
  const json = (shape: z.core.$ZodShape) => z.toJSONSchema(z.looseObject(shape), { io: "input" }) as JsonSchema;
  const changesTo = (shape: z.core.$ZodShape) => breakingChanges(json(before), json(shape));

  it("is compatible if it adds a name or a field that older messages need not have, or widens a range", () => {
    const kind = z.enum(["a", "b", "c"]);
    const added = { y: int(0, 1).default(0), z: z.string().optional() };
    assert.deepEqual(changesTo({ ...before, ...added, x: int(-5, 1000), kind }), []);
    assert.deepEqual((json(added).properties as Record<string, JsonSchema>).y.default, 0);
    const changed = json({ ...before, y: int(0, 1).default(1) });
    assert.deepEqual(breakingChanges(json({ ...before, y: int(0, 1).default(0) }), changed), []);
  });

  it("is breaking if it adds or requires a field that older messages do not have", () => {
    const remedy = "older messages lack it: declare it with .default(value) or .optional()";
    assert.deepEqual(changesTo({ ...before, y: int(0, 1) }), [`value.y is new and required, but ${remedy}`]);
    const optional = json({ ...before, y: int(0, 1).optional() });
    assert.deepEqual(breakingChanges(optional, json({ ...before, y: int(0, 1) })), [
      `value.y is now required, but ${remedy}`,
    ]);
  });

  it("is breaking if it removes, renames, retypes or narrows a field, or makes it optional", () => {
    const { x: _, ...without } = before;
    assert.deepEqual(changesTo(without), ["value.x was removed"]);
    assert.deepEqual(changesTo({ ...without, px: int(0, 100).default(0) }), ["value.x was removed"]);
    assert.match(changesTo({ ...before, x: z.string() })[0], /value\.x is no longer "integer"/);
    assert.deepEqual(changesTo({ ...before, x: int(0, 100).optional() }), ["value.x is no longer required"]);
    assert.deepEqual(changesTo({ ...before, x: int(0, 50) }), ["value.x is narrowed: maximum 100 → 50"]);
    assert.deepEqual(changesTo({ ...before, kind: z.enum(["a"]) }), ["value.kind no longer has b"]);
    assert.match(changesTo({ ...before, player: seat().nullable() })[0], /value\.player is no longer "string"/);
    assert.match(changesTo({ ...before, note: z.string() })[0], /value\.note is no longer/);
  });

  it("is breaking if it removes a kind from a topic, not if it adds one", () => {
    const one = z.object({ kind: z.literal("one"), n: int(0, 1) });
    const two = z.object({ kind: z.literal("two") });
    const of = (schema: z.ZodType) => z.toJSONSchema(z.array(schema), { io: "input" }) as JsonSchema;
    assert.deepEqual(
      breakingChanges(of(z.union([one, two])), of(z.union([two, one, z.object({ kind: z.literal("3") })]))),
      [],
    );
    assert.deepEqual(breakingChanges(of(z.union([one, two])), of(one)), ["value[](two) was removed"]);
    assert.deepEqual(breakingChanges(of(one), of(z.union([two, one]))), []);
    const changed = z.union([one.extend({ n: z.string() }), two]);
    assert.match(
      breakingChanges(of(z.union([one, two])), of(changed))[0],
      /value\[\]\(one\)\.n is no longer "integer"/,
    );
  });
});

describe("a message of another version", () => {
  const readers = { 1: (value: object) => ({ ...value, added: 1 }), 2: (value: object) => ({ ...value, more: 2 }) };

  it("is converted to the current version step by step, and keeps unknown fields", () => {
    const read = toCurrentVersion("logs_x", { v: 1, unknown: true }, { current: 3, readers });
    assert.deepEqual(read, { v: 3, unknown: true, added: 1, more: 2 });
  });

  it("is rejected if the version is newer, invalid or has no reader", () => {
    const readTo = (value: object, current: number, known = {}) =>
      toCurrentVersion("logs_x", value, { current, readers: known });
    assert.throws(() => readTo({ v: 2 }, 1), FutureVersion);
    assert.throws(() => readTo({ v: 1 }, 2), UnknownVersion);
    for (const v of [undefined, "1", 0, 1.5]) assert.throws(() => readTo({ v }, 3, readers), UnknownVersion);
  });
});
