/** The declarations of events: what is derived from them, which changes break consumers, and how versions are read. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import * as z from "zod";
import { int, seat } from "../../../src/game/events.ts";
import { breakingChanges } from "../../../src/pipeline/events/breakingChanges.ts";
import { type EventSchemas, eventSchemasOf } from "../../../src/pipeline/events/eventSchemas.ts";
import { expand } from "../../../src/pipeline/events/expand.ts";
import { type JsonSchema, messageSchemas } from "../../../src/pipeline/events/messageSchemas.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { layoutIdOf, layoutOf } from "../../../src/pipeline/events/RecordLayout.ts";
import { incompatibilities, outdatedTopics, writeSchemas } from "../../../src/pipeline/events/schemaFiles.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { FutureVersion, toCurrentVersion, UnknownVersion } from "../../../src/pipeline/events/versions.ts";
import { events, fixture, identity, recordOf, ticksIn } from "./fixtureGame.ts";

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
          const decoded = decoder.decode(buffer.bytes.subarray(0, buffer.length));
          for (const { topic, value } of expand(decoded, { outboxId: "x", number: 1 })) {
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
      assert.deepEqual(incompatibilities(directory, fewer), ["logs_hit: the topic was removed"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("reject two events in one topic", () => {
    const twice = { ...events, jump: events.step };
    assert.throws(() => eventSchemasOf({ ...fixture, events: twice }), /jump shares the topic logs_step/);
  });
});

function schemaOf(schemas: EventSchemas, kind: string | undefined): z.ZodObject {
  return "only" in schemas ? schemas.only : schemas.byKind.get(kind ?? "")!;
}

describe("a change to an event", () => {
  const before = { player: seat(), x: int(0, 100), kind: z.enum(["a", "b"]), note: z.string().nullable() };
  const json = (shape: z.core.$ZodShape) => z.toJSONSchema(z.looseObject(shape)) as JsonSchema;
  const changesTo = (shape: z.core.$ZodShape) => breakingChanges(json(before), json(shape));

  it("is compatible if it adds a field or a name, or widens a range", () => {
    const kind = z.enum(["a", "b", "c"]);
    assert.deepEqual(changesTo({ ...before, y: int(0, 1), z: z.string().optional(), x: int(-5, 1000), kind }), []);
  });

  it("is breaking if it removes, renames, retypes or narrows a field, or makes it optional", () => {
    const { x: _, ...without } = before;
    assert.deepEqual(changesTo(without), ["value.x was removed"]);
    assert.deepEqual(changesTo({ ...without, px: int(0, 100) }), ["value.x was removed"]);
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
    const of = (schema: z.ZodType) => z.toJSONSchema(z.array(schema)) as JsonSchema;
    assert.deepEqual(
      breakingChanges(of(z.union([one, two])), of(z.union([two, one, z.object({ kind: z.literal("3") })]))),
      [],
    );
    assert.deepEqual(breakingChanges(of(z.union([one, two])), of(one)), ["value[](two) was removed"]);
    const changed = z.union([one.extend({ n: z.string() }), two]);
    assert.match(
      breakingChanges(of(z.union([one, two])), of(changed))[0],
      /value\[\]\(one\)\.n is no longer "integer"/,
    );
  });
});

describe("a message of another version", () => {
  const readers = {
    logs_x: { 1: (value: object) => ({ ...value, added: 1 }), 2: (value: object) => ({ ...value, more: 2 }) },
  };

  it("is converted to the current version step by step, and keeps unknown fields", () => {
    const read = toCurrentVersion("logs_x", { v: 1, unknown: true }, 3, readers);
    assert.deepEqual(read, { v: 3, unknown: true, added: 1, more: 2 });
  });

  it("is rejected if the version is newer, invalid or has no reader", () => {
    assert.throws(() => toCurrentVersion("logs_x", { v: 2 }), FutureVersion);
    assert.throws(() => toCurrentVersion("logs_y", { v: 1 }, 2, readers), UnknownVersion);
    for (const v of [undefined, "1", 0, 1.5]) assert.throws(() => toCurrentVersion("logs_x", { v }), UnknownVersion);
  });
});
