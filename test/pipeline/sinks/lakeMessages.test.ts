import assert from "node:assert/strict";
import { REDRIVE_HEADER } from "../../../src/pipeline/sinks/redriveHeader.ts";
import { assertStoredOnce, describeOnEveryStore, matchMessages } from "./lakeStores.ts";
import { filesIn, LakeLog, lake, logOf, withSeq } from "./lakeUnderTest.ts";
import { NOON_MS, personMessage, queueMessage, tickMessage, uuidV7 } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const MOVES = "logs_move";
const ofPlayers = {
  logs_player: [
    { kind: "registered", method: "email", upgraded: false },
    { kind: "connected", connection: uuidV7(NOON_MS, 1), room: "queue", roomId: "r", platform: "other" },
    { kind: "disconnected", connection: uuidV7(NOON_MS, 1), connectedAt: NOON_MS, reason: "left" },
    { kind: "disconnected", connection: uuidV7(NOON_MS, 2), matchId: uuidV7(NOON_MS, 9), roundTripMs: 31, fps: 60 },
    { kind: "deleted" },
  ],
  logs_rating: [...[1500, 1516].map((before) => ({ mode: "duel", before, after: before + 16, algorithm: "elo" }))].map(
    (rating, at) => ({ ...rating, game: "arena", matchId: uuidV7(NOON_MS, at) }),
  ),
};
const everyTopic = [...new Set(matchMessages.map(({ topic }) => topic))];

describeOnEveryStore("the lake sink, messages", ({ objects }) => {
  it("stores every message of every topic as the log delivered it", async () => {
    for (const topic of everyTopic) {
      const log = logOf(topic, matchMessages);
      await log.deliverAll(lake(objects()));
      await assertStoredOnce(objects(), log);
    }
    const queue = new LakeLog("logs_queue");
    for (let at = 0; at < 5; at++)
      queue.add(
        withSeq(
          queueMessage({ id: uuidV7(NOON_MS, at), at: NOON_MS, kind: "entered", player: `p${at}`, waitMs: 0 }),
          at,
        ),
      );
    await queue.deliverAll(lake(objects()));
    await assertStoredOnce(objects(), queue);
    for (const [topic, values] of Object.entries(ofPlayers)) {
      const log = new LakeLog(topic);
      for (const [at, value] of values.entries())
        log.add(withSeq(personMessage(topic, uuidV7(NOON_MS, at), value), at));
      await log.deliverAll(lake(objects()));
      await assertStoredOnce(objects(), log);
    }
  });

  it("drops records that a relay sent again under new offsets, also across restarts", async () => {
    const log = logOf(MOVES, matchMessages);
    const again = (from: number, to: number) => log.messages.slice(from, to);
    const other = withSeq(tickMessage(matchMessages.find(({ topic }) => topic === MOVES)!), 5, "outbox-2");
    for (const message of again(log.end - 10, log.end)) log.add({ ...message, key: message.key });
    const repeated = log.messages.slice(-10);
    const handler = lake(objects());
    await log.deliverAll(handler);
    log.add(other);
    for (const message of again(3, 6)) log.add({ ...message, key: message.key });
    repeated.push(...log.messages.slice(-3));
    await log.deliverAll(lake(objects()));
    await assertStoredOnce(objects(), log, repeated);
    const runs = (await filesIn(objects(), MOVES)).flatMap(({ metadata }) => metadata.repeats);
    const counted = runs.reduce((sum, [first, last]) => sum + Number(last - first) + 1, 0);
    assert.equal(counted, repeated.length);
  });

  it("stores unknown fields of any type, even if another kind has a column of that name", async () => {
    const log = new LakeLog("logs_match");
    const matchId = uuidV7(NOON_MS, 77);
    const left = { kind: "left", player: "p1", seat: 0, reason: "gone", standings: 7, mood: { deep: [1, null] } };
    const message = tickMessage({ topic: "logs_match", matchId, mode: "duel", tick: 3, at: NOON_MS, events: [left] });
    const value = { ...JSON.parse(String(message.value)), shard: "eu-1", trace: [1, 2] };
    log.add(withSeq({ ...message, value: JSON.stringify(value) }, 1));
    const move = new LakeLog(MOVES);
    const moved = { player: "p1", x: 1, y: 2, aim: 3, kind: 4, speed: 1.5 };
    move.add(withSeq(tickMessage({ topic: MOVES, matchId, mode: "duel", tick: 3, at: NOON_MS, events: [moved] }), 1));
    for (const one of [log, move]) {
      await one.deliverAll(lake(objects()));
      await assertStoredOnce(objects(), one);
    }
  });

  it("rejects a message that it cannot decode once, and continues", async () => {
    const log = logOf(MOVES, matchMessages.slice(0, 60));
    const poison = [
      withSeq({ topic: MOVES, key: "k", headers: { id: "x" }, value: "{" }, 900, "poison"),
      withSeq({ topic: MOVES, key: "k", headers: { id: "y" }, value: Buffer.from([255, 0]) }, 901, "poison"),
      withSeq({ topic: MOVES, key: null, headers: { id: "z" }, value: null }, 902, "poison"),
      withSeq({ topic: MOVES, key: "k", headers: { id: "q" }, value: '{"v":2}' }, 903, "poison"),
    ];
    for (const message of poison) log.add(message);
    const repeat = poison[0];
    log.add(repeat);
    const left = log.messages.slice(-5);
    for (const one of logOf(MOVES, matchMessages.slice(60)).messages)
      log.add({ ...one, headers: { id: one.headers.id } });
    const rejects = new MemoryRejects();
    await log.deliverAll(lake(objects(), { rejects }));
    await assertStoredOnce(objects(), log, left);
    assert.deepEqual(
      rejects.all.map(({ reason }) => reason),
      ["not-json", "not-json", "empty", "future-version"],
    );
    const rejected = (await filesIn(objects(), MOVES)).reduce((sum, { metadata }) => sum + metadata.rejected, 0);
    assert.equal(rejected, 4);
  });

  it("does not move past a message while its reject cannot be published", async () => {
    const log = logOf(MOVES, matchMessages);
    log.add({ topic: MOVES, key: "k", headers: {}, value: "{" });
    const unavailable = {
      publish: (rejects: readonly unknown[]) =>
        rejects.length > 0 ? Promise.reject(new Error("unavailable")) : Promise.resolve(),
    };
    const handler = lake(objects(), { rejects: unavailable });
    await assert.rejects(
      log.deliver(handler, () => 5),
      /unavailable/,
    );
    await log.revoke(handler);
    const last = (await filesIn(objects(), MOVES)).at(-1)!;
    assert(last.metadata.lastOffset < BigInt(log.end - 1));
    await log.deliverAll(lake(objects()));
    await assertStoredOnce(objects(), log, log.messages.slice(-1));
  });

  it("stores a redriven message addressed to it, and ignores one addressed to another sink", async () => {
    const log = logOf(MOVES, matchMessages.slice(0, 40));
    const [first, second] = matchMessages.slice(40).filter(({ topic }) => topic === MOVES);
    for (const [one, sink] of [
      [first, "warehouse"],
      [second, "lake"],
    ] as const) {
      const message = withSeq(tickMessage(one), 1, `redrive.${sink}`);
      log.add({ ...message, headers: { ...message.headers, [REDRIVE_HEADER]: sink } });
    }
    await log.deliverAll(lake(objects()));
    const stored = (await filesIn(objects(), MOVES)).flatMap(({ messages }) => messages);
    assert.equal(stored.length, log.end - 1);
    assert.equal(stored.at(-1)!.headers.id, log.messages.at(-1)!.headers.id);
  });
});
