/** The names that no game can use are those that the platform has, so that a new topic or column of the platform is added to them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { FIELD_NAMES, MESSAGE_NAMES, PUBLIC_TOPICS, TOPIC_NAMES } from "../../../src/game/checks/takenNames.ts";
import { logTopics } from "../../../src/main/logTopics.ts";
import { EventCatalogue, snakeCase } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { lakeTable } from "../../../src/pipeline/sinks/lake/lakeTables.ts";
import { DEATH_TOPIC } from "../../../src/pipeline/sinks/live/liveEntries.ts";
import { tablesOf } from "../../../src/pipeline/sinks/warehouse/tables.ts";
import { tag } from "../../tag/tag.ts";

describe("the names that no game can use", () => {
  const empty = new EventCatalogue([{ name: "tag", inputFields: [], events: {} }]);

  it("are all topics of the platform except match, and the fact tables beside them", () => {
    const topics = logTopics(empty).map((topic) => topic.slice("logs_".length));
    const tables = tablesOf(empty).all.map(({ name }) => name);
    const facts = tables.filter((name) => name.startsWith("fact_")).map((name) => name.slice("fact_".length));
    const taken = new Set([...topics, ...facts]);
    taken.delete("match");
    assert.deepEqual([...taken].sort(), [...TOPIC_NAMES].sort());
  });

  it("are those of the topics that the live feed shows, for what only some players may know", () => {
    assert.deepEqual(PUBLIC_TOPICS, [DEATH_TOPIC.slice("logs_".length)]);
  });

  it("are those of all messages that rooms send to clients", () => {
    const rooms = path.join(import.meta.dirname, "../../../rooms");
    const files = readdirSync(rooms, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const sent = files.flatMap((file) =>
      [...readFileSync(path.join(rooms, file), "utf8").matchAll(/(?:\.send\(|ROOM_DATA, )"(\w+)"/g)].map(
        ([, sent]) => sent,
      ),
    );
    assert.ok(sent.includes("facts") && sent.includes("messageRefused"));
    assert.deepEqual(
      sent.filter((message) => !MESSAGE_NAMES.includes(message)),
      [],
    );
  });

  it("are all columns of a topic beside those of its event's fields", () => {
    const { head, tail } = lakeTable("logs_tag", new EventCatalogue([tag]));
    const columns = [...head, ...tail].map(({ name }) => name);
    assert.deepEqual([...new Set([...columns, "i"])].sort(), FIELD_NAMES.map(snakeCase).sort());
  });
});
