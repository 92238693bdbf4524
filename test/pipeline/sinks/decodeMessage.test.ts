import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../src/arena/game.ts";
import { int, seat } from "../../../src/game/events.ts";
import type { LogMessage, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import { decodeMessage, rejectReasons } from "../../../src/pipeline/sinks/decodeMessage.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { Feed } from "./Feed.ts";
import { NOON_MS, playMatch, queueMessage, tickMessage, uuidV7 } from "./matches.ts";

const catalogue = new EventCatalogue([arena]);

function toLogMessage(message: OutgoingMessage): LogMessage {
  const feed = new Feed();
  feed.add(0, message);
  return feed.partitions[0].messages[0];
}

const event = (topic: string, fields: object, game?: string) =>
  tickMessage(
    { matchId: uuidV7(NOON_MS, 1), mode: "duel", topic, tick: 3, at: NOON_MS, events: [{ ...fields }] },
    game,
  );

describe("decodeMessage", () => {
  it("decodes every message of a match", () => {
    for (const message of playMatch({ number: 1, mode: "ffa" })) {
      const decoded = decodeMessage(toLogMessage(tickMessage(message)), catalogue);
      assert.equal(decoded.type, "tick", decoded.type === "rejected" ? decoded.detail : "");
    }
  });

  it("decodes an input with the fields of the game's frames", () => {
    const frame = { kind: "frame", seat: 1, moveX: -127, moveY: 0, aim: 9, buttons: 1, rewindTicks: 0 };
    assert.equal(decodeMessage(toLogMessage(event("logs_input", frame)), catalogue).type, "tick");
    const wide = decodeMessage(toLogMessage(event("logs_input", { ...frame, moveX: 400 })), catalogue);
    assert.equal(wide.type === "rejected" && wide.reason, "schema");
  });

  it("decodes an event of the queue", () => {
    const matched = { id: uuidV7(NOON_MS, 4), at: NOON_MS, kind: "matched", player: "p", waitMs: 3 };
    assert.equal(decodeMessage(toLogMessage(queueMessage(matched)), catalogue).type, "queue");
    const nameless = decodeMessage(toLogMessage(queueMessage({ ...matched, id: "7" })), catalogue);
    assert.equal(nameless.type === "rejected" && nameless.reason, "identity");
  });

  it("decodes an act of an operator", () => {
    const act = { v: 1, at: NOON_MS, operator: "ana", role: "moderate", act: "kick", player: "p", room: null };
    const value = { ...act, detail: null, reason: "away" };
    const message = (id: string, more = {}): OutgoingMessage => ({
      ...{ topic: "logs_admin", key: "ana", headers: { id } },
      value: JSON.stringify({ ...value, ...more }),
    });
    assert.equal(decodeMessage(toLogMessage(message(uuidV7(NOON_MS, 4))), catalogue).type, "admin");
    const wrong = [message("7"), message(uuidV7(NOON_MS, 4), { operator: "" })];
    const reasons = wrong.map((each) => decodeMessage(toLogMessage(each), catalogue));
    assert.deepEqual(
      reasons.map((decoded) => decoded.type === "rejected" && decoded.reason),
      ["identity", "schema"],
    );
  });

  it("decodes what happens to a player outside matches, and a rating", () => {
    const id = uuidV7(NOON_MS, 4);
    const typeOf = (topic: string, value: object, headers: Record<string, string> = { id }) => {
      const message = { topic, key: "p", headers, value: JSON.stringify({ v: 1, at: NOON_MS, player: "p", ...value }) };
      const decoded = decodeMessage(toLogMessage(message), catalogue);
      return decoded.type === "rejected" ? decoded.reason : decoded.type;
    };
    const connected = { kind: "connected", connection: id, room: "match", roomId: "r", matchId: id };
    assert.equal(typeOf("logs_player", { ...connected, platform: "web-mobile" }), "player");
    assert.equal(typeOf("logs_player", { kind: "deleted" }), "player");
    assert.equal(typeOf("logs_player", { kind: "deleted" }, { id: "7" }), "identity");
    assert.equal(typeOf("logs_player", { kind: "connected", connection: "7" }), "schema");
    assert.equal(typeOf("logs_player", { kind: "vanished" }), "schema");
    const rating = { game: "arena", mode: "duel", before: 1500, after: 1516, matchId: id, algorithm: "elo" };
    assert.equal(typeOf("logs_rating", rating), "rating");
    assert.equal(typeOf("logs_rating", rating, {}), "identity");
    assert.equal(typeOf("logs_rating", { ...rating, after: 1516.5 }), "schema");
  });

  it("keeps unknown fields", () => {
    const heal = { healer: "a", target: "b", amount: 1, targetHp: 2, overheal: { x: [1] } };
    const decoded = decodeMessage(toLogMessage(event("logs_heal", heal)), catalogue);
    assert.ok(decoded.type === "tick");
    assert.deepEqual(decoded.value.events, [{ i: 0, ...heal }]);
  });

  it("decodes the end of a match for a reason that this build does not know, and matches without a map", () => {
    const created = { kind: "created", rulesVersion: "1", rated: false, region: "eu", source: "queue" };
    const result = { lastTick: 9, standings: [], teamScores: [], counts: {}, shed: {} };
    for (const fields of [created, { ...created, map: "yard" }, { kind: "ended", reason: "captured", ...result }]) {
      const decoded = decodeMessage(toLogMessage(event("logs_match", fields)), catalogue);
      assert.ok(decoded.type === "tick", decoded.type === "rejected" ? decoded.detail : "");
      assert.deepEqual(decoded.value.events, [{ i: 0, ...fields }]);
    }
  });

  it("rejects an unknown game, topic or kind", () => {
    const reasonOf = (message: OutgoingMessage) => {
      const decoded = decodeMessage(toLogMessage(message), catalogue);
      return decoded.type === "rejected" ? decoded.reason : decoded.type;
    };
    assert.equal(reasonOf(event("logs_heal", {}, "chess")), "unknown-game");
    assert.equal(reasonOf(event("logs_teleport", {})), "unknown-topic");
    assert.equal(reasonOf(event("logs_match", { kind: "paused" })), "unknown-kind");
    assert.equal(reasonOf(event("logs_match", {})), "unknown-kind");
  });

  it("never throws on any bytes, and shows no value of the message", () => {
    const someBytes = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
    );
    const topics = fc.constantFrom("logs_move", "logs_match", "logs_queue", "logs_stats", "logs_input", "logs_x");
    fc.assert(
      fc.property(fc.option(someBytes), topics, (value, topic) => {
        const decoded = decodeMessage(toLogMessage({ topic, key: null, headers: {}, value }), catalogue);
        assert.ok(decoded.type === "rejected" && rejectReasons.includes(decoded.reason));
        assert.doesNotMatch(decoded.detail, /\n/);
      }),
    );
    const secret = decodeMessage(
      toLogMessage(event("logs_heal", { healer: 5, target: "hunter2", amount: "hunter2" })),
      catalogue,
    );
    assert.ok(secret.type === "rejected");
    assert.doesNotMatch(secret.detail, /hunter2/);
  });
});

describe("EventCatalogue", () => {
  const game = (name: string, fields: object) =>
    ({ name, inputFields: [], events: { hit: { topic: "hit", shed: "never", toClients: false, fields } } }) as never;

  it("gives a topic the columns of all games that write it", () => {
    const both = new EventCatalogue([game("a", { by: seat() }), game("b", { by: seat(), hardHit: int(0, 9) })]);
    assert.deepEqual(both.facts.get("logs_hit"), [
      { field: "by", name: "by", type: "text" },
      { field: "hardHit", name: "hard_hit", type: "integer" },
    ]);
  });

  it("refuses games that disagree about a field", () => {
    assert.throws(
      () => new EventCatalogue([game("a", { by: seat() }), game("b", { by: int(0, 1) })]),
      /logs_hit: game b/,
    );
  });
});
