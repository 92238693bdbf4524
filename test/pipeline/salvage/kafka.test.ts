/** A damaged outbox beside others, with a real broker: the relay drains what is intact, and `salvage` sends the rest. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { OutboxFeed } from "../../../src/pipeline/events/OutboxFeed.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { openReader } from "../../../src/pipeline/outbox/openOutbox.ts";
import { outboxWarnings } from "../../../src/pipeline/outbox/outboxWarnings.ts";
import { outboxRoot, segmentsPath, statePaths } from "../../../src/pipeline/outbox/paths.ts";
import { type RunningRelay, runRelay } from "../../../src/pipeline/relay/runRelay.ts";
import { outboxCommand } from "../../../src/pipeline/salvage/outboxCommand.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Temporary } from "../outbox/temporary.ts";
import { TopicReader } from "../relay/TopicReader.ts";
import { flip, recordOutbox, segmentFiles } from "./recordedOutbox.ts";

describe("a damaged outbox and Kafka", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  let temporary: Temporary;
  let reader: TopicReader;
  let relay: RunningRelay | null;

  beforeEach(() => {
    temporary = new Temporary();
    relay = null;
  });
  afterEach(async () => {
    await relay?.stop();
    await reader.close();
    await temporary.end();
  });

  const idsOf = (matchId: string) =>
    reader
      .messages()
      .filter(({ key }) => key === matchId)
      .map(({ headers }) => headers.id);
  const endOf = (matchId: string) =>
    reader.messages().find(({ key, value }) => key === matchId && value.includes('"kind":"ended"'))?.value;
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  const messagesIn = async (directory: string) => {
    const outbox = openReader(directory);
    const { records, messages } = await new OutboxFeed(outbox).read(0, 1e9);
    await outbox.close();
    return records.flatMap(({ number }, at) => messages[at].map(({ headers }) => ({ id: headers.id, number })));
  };

  it("keeps no other outbox from being sent, and is sent up to the damage, and after `salvage` as a whole, once", async () => {
    const kafka = kafkaConfig({ ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "2" })!;
    reader = await TopicReader.open(kafka);
    const damaged = await recordOutbox(temporary.dataDir, 160);
    const before = await messagesIn(damaged.directory);
    flip(segmentFiles(damaged.directory).at(-2)!, 100);
    // It sorts before every other.
    const stateless = path.join(outboxRoot(temporary.dataDir), "0".repeat(16));
    mkdirSync(segmentsPath(stateless), { recursive: true });
    for (const file of statePaths(stateless)) writeFileSync(file, "not a state");
    const healthy = await recordOutbox(temporary.dataDir);
    assert.notEqual(healthy.directory, damaged.directory);

    const lines: string[] = [];
    const logger = { ...silent, error: (_fields: object, line: string) => void lines.push(line) };
    relay = runRelay({ dataDir: temporary.dataDir, kafka }, logger);
    await until(() => endOf(healthy.ended) !== undefined && endOf(healthy.open) !== undefined);
    await until(() => lines.length === 2);
    assert.deepEqual(relay.stats().conditions, []);
    assert.equal((await outboxWarnings(temporary.dataDir)).length, 2);
    assert(idsOf(damaged.ended).length > 0);
    assert.equal(endOf(damaged.ended), undefined);

    let out = "";
    const terminal = { out: (text: string) => void (out += text), err: assert.fail };
    const args = ["salvage", damaged.directory];
    assert.equal(await outboxCommand(args, { kafka, logger, now: Date.now }, terminal), 0);
    assert.match(
      out,
      /lost: records \d+ to \d+[\s\S]*1 were ended as aborted; open connections: 0 were ended\n(sent \d+ messages to Kafka|a running relay)/,
    );
    await until(() => endOf(damaged.ended) !== undefined && endOf(damaged.open) !== undefined);
    assert.match(endOf(damaged.open)!, /"reason":"aborted"/);
    const [, first, last] = /lost: records (\d+) to (\d+)/.exec(out)!.map(Number);
    const kept = before.filter(({ number }) => number < first || number > last).map(({ id }) => id);
    assert(kept.length < before.length);
    const expected = [...kept, `${damaged.open}:${damaged.ticks + 1}:logs_match`].sort();
    const sent = () => [...idsOf(damaged.ended), ...idsOf(damaged.open)].sort();
    await until(() => sent().length >= expected.length);
    assert.deepEqual(sent(), expected);
    assert.deepEqual(lines.length, 2, "logged once each");
  });
});
