/** The relay between real outboxes and a real broker. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { arena } from "../../../src/arena/game.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import type { OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openDrain, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { isTransitionAllowed } from "../../../src/pipeline/relay/OutboxRelay.ts";
import { type RelayConfig, type RunningRelay, runRelay } from "../../../src/pipeline/relay/runRelay.ts";
import { startRelayThread } from "../../../src/pipeline/relay/startRelayThread.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Child } from "./Child.ts";
import { checkMatches, type ReadMessage } from "./checkMatches.ts";
import { readWithKcat } from "./kcat.ts";
import { RecordedMatch } from "./recordMatch.ts";
import { MATCH_TOPICS, TopicReader } from "./TopicReader.ts";

describe("relay", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  let config: RelayConfig;
  let reader: TopicReader;
  let writer: OutboxWriter | null = null;
  const relays: RunningRelay[] = [];
  const children: Child[] = [];

  beforeEach(async () => {
    const kafka = kafkaConfig({ ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "4" })!;
    config = { dataDir: mkdtempSync(path.join(tmpdir(), "hypogeum-relay-")), kafka };
    reader = await TopicReader.open(kafka);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await reader.close();
    await writer?.close();
    writer = null;
    rmSync(config.dataDir, { recursive: true });
  });

  function start(): RunningRelay {
    const relay = runRelay(config, silent);
    relays.push(relay);
    return relay;
  }

  function child(script: string, args: readonly string[]): Child {
    const started = new Child(script, args);
    children.push(started);
    return started;
  }

  /** Plays matches to their end and records them in an outbox of this process. */
  async function play(mode: string, matches: number, ticks: number): Promise<string[]> {
    writer ??= await openWriter(config.dataDir, { limitBytes: 2 ** 30 });
    const onFault = (error: unknown) => {
      throw error;
    };
    const tickEvents = new OutboxTickEvents({ writer, now: Date.now, onFault, games: [arena] });
    const playing = Array.from({ length: matches }, () => new RecordedMatch(tickEvents, mode));
    for (let tick = 0; tick < ticks; tick++) for (const match of playing) match.step();
    for (const match of playing) match.end();
    await writer.whenCommitted();
    return playing.map(({ matchId }) => matchId);
  }

  it("sends every event of every match exactly once, in order, and acknowledges the records", async () => {
    const relay = start();
    const matchIds = await play("squad", 3, 200);
    await reader.untilEnded(matchIds);
    const { matches, repeats } = reader.check();
    assert.equal(repeats, 0);
    assert.deepEqual([...matches.keys()].sort(), matchIds.toSorted());
    for (const { lastTick, ended } of matches.values()) {
      assert.equal(lastTick, 201);
      assert.equal(ended?.reason, "time");
    }
    assert.equal(relay.stats().acknowledgedTotal, reader.count);
    assert.deepEqual(relay.stats().conditions, []);
    await relay.stop();
    const drain = await openDrain(writer!.directory);
    assert.equal(drain.acknowledged, writer!.appended);
    await drain.close();
  });

  it("writes messages that kcat reads with the keys, headers and gapless indices of the contract", async () => {
    start();
    const matchIds = await play("squad", 2, 100);
    await reader.untilEnded(matchIds);
    const { namespace } = config.kafka;
    const messages: ReadMessage[] = [];
    for (const topic of MATCH_TOPICS)
      messages.push(...(await readWithKcat(services().admin.KAFKA_BROKERS, namespace, topic)));
    const { matches, repeats } = checkMatches(messages);
    assert.equal(repeats, 0);
    assert.equal(messages.length, reader.count);
    assert.deepEqual([...matches.keys()].sort(), matchIds.toSorted());
    for (const { ended, lastTick } of matches.values()) {
      assert.equal(ended?.reason, "time");
      assert.equal(lastTick, 101);
    }
    assert.deepEqual(
      messages.map(({ headers }) => Object.keys(headers).sort()).find(([id, seq]) => id !== "id" || seq !== "seq"),
      undefined,
    );
  });

  it("runs on its own thread", async () => {
    const relay = startRelayThread(config, "silent", silent);
    relays.push(relay);
    const matchIds = await play("duel", 1, 50);
    await reader.untilEnded(matchIds);
    await relay.stop();
    assert.equal(relay.stats().acknowledgedTotal, reader.count);
    assert.deepEqual(relay.stats().conditions, []);
  });

  it("when stopped, first sends the records of an outbox that it had not found yet", async () => {
    const relay = start();
    await setTimeout(100);
    const matchIds = await play("duel", 1, 20);
    assert.deepEqual(relay.stats().outboxes, {}, "it has not found the outbox");
    await relay.stop();
    await reader.untilEnded(matchIds);
  });

  it("leaves an outbox to the relay that holds its lock, and takes it over when that relay is dead", async () => {
    const first = child("relayProcess.ts", [JSON.stringify(config)]);
    writer = await openWriter(config.dataDir, { limitBytes: 2 ** 30 });
    await first.line((line) => line.includes(writer!.id));
    const second = start();
    const early = await play("duel", 1, 20);
    await reader.untilEnded(early);
    assert.deepEqual(second.stats().outboxes, {});
    await first.kill();
    const late = await play("duel", 1, 20);
    await reader.untilEnded(late);
    assert.deepEqual(Object.keys(second.stats().outboxes), [writer.id]);
  });

  it("sends records again, with the same identities, if the previous relay died before it acknowledged them", async () => {
    const neverAcknowledging = { ...config, acknowledgeEveryMs: 2 ** 30 };
    const first = child("relayProcess.ts", [JSON.stringify(neverAcknowledging)]);
    const matchIds = await play("squad", 2, 100);
    await reader.untilEnded(matchIds);
    const before = reader.count;
    assert.equal(reader.check().repeats, 0);
    await first.kill();
    start();
    await reader.untilCount(2 * before);
    assert.equal(reader.check().repeats, before);
  });

  it("loses nothing if relays are killed repeatedly while matches are played", async () => {
    const game = child("gameProcess.ts", [config.dataDir, "squad", "4"]);
    const matchIds = (await game.line((line) => line.startsWith("matches"))).split(" ").slice(1);
    for (let kills = 0; kills < 3; kills++) {
      const relay = child("relayProcess.ts", [JSON.stringify(config)]);
      await relay.line((line) => JSON.parse(line).acknowledgedTotal > 200);
      await relay.kill();
    }
    await game.kill();
    start();
    await reader.untilEnded(matchIds);
    for (const { ended } of reader.check().matches.values()) assert.equal(ended?.reason, "aborted");
  });

  it("ends the matches of a process that died, one tick after the newest stored tick", async () => {
    const game = child("gameProcess.ts", [config.dataDir, "duel", "3"]);
    const matchIds = (await game.line((line) => line.startsWith("matches"))).split(" ").slice(1);
    await game.line((line) => line === "tick 20");
    start();
    await reader.untilCount(50);
    await game.kill();
    const committed = Number(game.lines.at(-1)!.split(" ")[1]);
    await reader.untilEnded(matchIds);
    const { matches } = reader.check();
    assert.equal(matches.size, 3);
    for (const { ended, lastTick } of matches.values()) {
      assert.equal(ended?.reason, "aborted");
      assert(
        lastTick - 1 >= committed,
        `tick ${committed} was committed, but the newest stored tick is ${lastTick - 1}`,
      );
      assert.equal(ended?.lastTick, lastTick - 1);
    }
  });

  it("ends no match of a process that is alive", async () => {
    const game = child("gameProcess.ts", [config.dataDir, "duel", "1"]);
    await game.line((line) => line === "tick 20");
    start();
    await reader.untilCount(20);
    await setTimeout(2500);
    await game.line((line) => line === "tick 60");
    for (const { ended } of reader.check().matches.values()) assert.equal(ended, null);
  });

  it("changes its mode only by allowed transitions", () => {
    assert(isTransitionAllowed("sending", "resting"));
    assert(isTransitionAllowed("resting", "closing"));
    assert(isTransitionAllowed("waiting", "sending"));
    assert(!isTransitionAllowed("sending", "closing"));
    assert(!isTransitionAllowed("waiting", "resting"));
    assert(!isTransitionAllowed("stopped", "sending"));
  });
});
