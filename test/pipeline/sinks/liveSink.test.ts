import assert from "node:assert/strict";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { FIRST_ID, type LiveFeed } from "../../../src/pipeline/sinks/live/LiveFeed.ts";
import { type LiveOptions, liveSink } from "../../../src/pipeline/sinks/live/LiveSink.ts";
import { RingFeed } from "../../../src/pipeline/sinks/live/RingFeed.ts";
import { catalogue, LakeLog, logOf, withSeq } from "./lakeUnderTest.ts";
import { NOON_MS, playMatch } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const matchMessages = [1, 2, 3].flatMap((number) => playMatch({ number, mode: "ffa" }));

describe("the live sink", () => {
  let feed: LiveFeed;
  beforeEach(() => {
    feed = new RingFeed({ now: () => NOON_MS });
  });

  const live = (options: Partial<LiveOptions> = {}): BatchHandler =>
    liveSink({ feed, catalogue, rejects: new MemoryRejects(), now: () => NOON_MS, ...options }).handler;

  async function entries(): Promise<{ event: string; data: Record<string, any> }[]> {
    return (await feed.readAfter(FIRST_ID, 10_000)).map(({ event, data }) => ({ event, data: JSON.parse(data) }));
  }

  it("adds starts and ends of matches and kills exactly once, without the event's index", async () => {
    for (const topic of ["logs_match", "logs_death"]) await logOf(topic, matchMessages).deliverAll(live());
    const kinds = (kind: string) =>
      matchMessages.flatMap(({ matchId, events }) => events.filter((event) => event.kind === kind).map(() => matchId));
    for (const kind of ["started", "ended"])
      assert.deepEqual(
        (await entries())
          .filter(({ event }) => event === kind)
          .map(({ data }) => data.matchId)
          .sort(),
        kinds(kind).sort(),
      );
    const kills = (await entries()).filter(({ event }) => event === "kill");
    assert.equal(
      kills.length,
      matchMessages.filter(({ topic }) => topic === "logs_death").flatMap(({ events }) => events).length,
    );
    for (const { data } of kills)
      assert.deepEqual(Object.keys(data).slice(0, 6), ["game", "matchId", "mode", "tick", "at", "victim"]);
    assert.equal((await entries()).length, kills.length + kinds("started").length + kinds("ended").length);
  });

  it("adds process statistics", async () => {
    const stats = {
      v: 1,
      at: NOON_MS,
      process: "p1",
      rooms: 3,
      players: 12,
      tickLatenessP50Ms: 0.5,
      tickLatenessP99Ms: 2,
      tickLatenessMaxMs: 3,
    };
    const rest = {
      outboxMode: "ok",
      outboxBytes: 1,
      outboxOldestSeconds: 0,
      outboxCommitLagMs: 1,
      shed: {},
      memoryRssBytes: 1,
      memoryHeapBytes: 1,
    };
    const log = new LakeLog("logs_stats");
    log.add({ topic: "logs_stats", key: "p1", headers: { id: "p1:1" }, value: JSON.stringify({ ...stats, ...rest }) });
    await log.deliverAll(live());
    const { v, ...fields } = stats;
    assert.deepEqual(await entries(), [{ event: "stats", data: { ...fields, ...rest } }]);
  });

  it("continues at the feed's cursor with a new handler, and adds nothing twice", async () => {
    const log = logOf("logs_match", matchMessages);
    for (let to = 1; to < log.end; to += 2) await log.deliver(live(), () => 1, to);
    await log.deliverAll(live());
    const once = await entries();
    feed = new RingFeed({ now: () => NOON_MS });
    await log.deliverAll(live());
    assert.deepEqual(once, await entries());
  });

  it("accepts one of two consumers of a partition", async () => {
    const log = logOf("logs_match", matchMessages);
    const [owner, late] = [live(), live()];
    await log.assign(late);
    await log.deliver(owner, () => 3, 3);
    await assert.rejects(late.apply(log.batch(0, 3)), PartitionLost);
    await assert.rejects(late.apply(log.batch(3, 4)), PartitionLost);
  });

  it("drops records that a relay sent again", async () => {
    const log = logOf("logs_death", matchMessages);
    await log.deliverAll(live());
    const before = await entries();
    for (const message of log.messages.slice(-4)) log.add(message);
    await log.deliverAll(live());
    assert.deepEqual(await entries(), before);
  });

  it("adds no entry for messages older than a few minutes", async () => {
    const log = logOf("logs_match", matchMessages);
    await log.deliverAll(live({ now: () => NOON_MS + 3_600_000 }));
    assert.deepEqual(await entries(), []);
    assert.equal(await log.assign(live()), BigInt(log.end));
  });

  it("starts from the beginning of a topic that was recreated", async () => {
    const log = logOf("logs_match", matchMessages);
    await log.deliverAll(live());
    const before = (await entries()).length;
    log.topicId = "topic-2";
    await log.deliverAll(live());
    assert.equal((await entries()).length, 2 * before);
  });

  it("rejects a message that it cannot decode, and continues", async () => {
    const rejects = new MemoryRejects();
    const log = new LakeLog("logs_match");
    log.add(withSeq({ topic: "logs_match", key: "k", headers: {}, value: "{" }, 1));
    for (const message of logOf("logs_match", matchMessages).messages)
      log.add({ ...message, headers: { id: message.headers.id } });
    await log.deliverAll(live({ rejects }));
    assert.deepEqual(
      rejects.all.map(({ reason }) => reason),
      ["not-json"],
    );
    assert.equal((await entries()).length, 6);
  });
});
