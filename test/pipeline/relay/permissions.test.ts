/** The relay and a consumer as a user who may not create topics. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { InstallationTopic } from "../../../src/pipeline/kafka/InstallationTopic.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { RunningRelay } from "../../../src/pipeline/relay/runRelay.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { type Services, startServices, uniqueNamespace } from "../../../tools/services/startServices.ts";
import { createTopic, withAdmin } from "../kafka/withAdmin.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { RelayBench, until } from "./RelayBench.ts";
import { MATCH_TOPICS } from "./TopicReader.ts";

// The numbers that Kafka's protocol gives to kinds of resources, patterns, operations and permissions.
const [TOPIC, CLUSTER] = [2, 4];
const [LITERAL, PREFIXED] = [3, 4];
const [ALL, READ, WRITE, CREATE, DESCRIBE] = [2, 3, 4, 5, 8];
const [DENY, ALLOW] = [2, 3];

const user = { principal: "User:ANONYMOUS", host: "*" };
const cluster = { ...user, resourceType: CLUSTER, resourceName: "kafka-cluster", resourcePatternType: LITERAL };
const mayNotCreate = { ...cluster, operation: CREATE, permissionType: DENY };

describe("relay as a user who may not create topics", function () {
  this.timeout(900_000);
  let services: Services;
  let kafka: KafkaConfig;
  let bench: RelayBench | null = null;

  before(async () => {
    services = await startServices(["kafka"]);
    const rules = [{ ...cluster, operation: ALL, permissionType: ALLOW }];
    await withAdmin(kafkaConfig({ ...services.env })!, (admin) => admin.createAcls({ acl: rules }));
  });
  after(() => services.stop());

  beforeEach(() => {
    kafka = kafkaConfig({ ...services.env, NAMESPACE: uniqueNamespace(), KAFKA_PARTITIONS: "2" })!;
  });
  afterEach(async () => {
    await bench?.close();
    bench = null;
    await permit(mayNotCreate);
  });

  async function createAll(): Promise<void> {
    for (const topic of MATCH_TOPICS) await createTopic(kafka, topic, 2, { "max.message.bytes": "8388608" });
  }

  /** From now on, the user may read and write, but neither create topics nor read their settings. */
  async function restrict(): Promise<void> {
    const topics = { resourceType: TOPIC, resourceName: kafka.namespace, resourcePatternType: PREFIXED };
    const allowed = [READ, WRITE, DESCRIBE].map((operation) => ({
      ...{ ...user, ...topics, operation, permissionType: ALLOW },
    }));
    await withAdmin(kafka, (admin) => admin.createAcls({ acl: [...allowed, mayNotCreate] }));
  }

  const permit = (rule: typeof mayNotCreate) => withAdmin(kafka, (admin) => admin.deleteAcls({ filters: [rule] }));
  const lines = (relay: RunningRelay) => relay.stats().conditions.map(({ line }) => line);

  it("sends to topics that exist, and says that their settings cannot be checked", async () => {
    await createAll();
    await restrict();
    bench = await RelayBench.open(kafka);
    const relay = bench.start();
    const matchIds = await bench.play("duel", 1, 50);
    await bench.reader.untilEnded(matchIds);
    assert.equal(lines(relay).length, MATCH_TOPICS.length);
    for (const line of lines(relay)) {
      assert.match(
        line,
        /its settings cannot be checked, because User:ANONYMOUS may not read them; run kafka-acls\.sh/,
      );
      assert.match(line, / --operation DescribeConfigs --topic /);
    }
    assert(relay.stats().conditions.every(({ breaks }) => breaks === null));
  });

  it("names the topics that are missing and how to create them in one line, and sends when it may create them", async () => {
    await restrict();
    bench = await RelayBench.open(kafka);
    const relay = bench.start();
    const log = new KafkaLog(kafka, silent);
    const ledger = new Ledger();
    await log.consume("g", ["logs_match"], storingHandler(ledger));
    const matchIds = await bench.play("duel", 1, 50);
    const isReported = () => relay.stats().conditions.some(({ line }) => line.startsWith("topics "));
    await until(isReported);
    const [{ line, breaks }] = relay.stats().conditions;
    assert.equal(breaks, "relay");
    for (const topic of MATCH_TOPICS) assert(line.includes(kafka.namespace + topic));
    assert.match(line, /do not exist, or may not be seen, and could not be created \(TOPIC_AUTHORIZATION_FAILED\)/);
    assert.match(
      line,
      /; run for t in \S+logs_.*; do kafka-topics\.sh --bootstrap-server \S+ --create --topic .*; done/,
    );
    assert.equal(relay.stats().conditions.length, 1);
    await until(() => /^topics \S+logs_match do not exist/.test(log.problem() ?? ""));

    await permit(mayNotCreate);
    await bench.reader.untilEnded(matchIds);
    await until(() => !isReported() && log.problem() === null);
    await ledger.until(() => ledger.effects.length > 0);
    await log.close();
  });

  it("sends all other topics if one may not be written to, and names it", async () => {
    await createAll();
    const mayNotWrite = {
      ...{ ...user, resourceType: TOPIC, resourceName: `${kafka.namespace}logs_move` },
      ...{ resourcePatternType: LITERAL, operation: WRITE, permissionType: DENY },
    };
    await restrict();
    await withAdmin(kafka, (admin) => admin.createAcls({ acl: [mayNotWrite] }));
    bench = await RelayBench.open(kafka);
    const relay = bench.start();
    const matchIds = await bench.play("duel", 1, 50);
    await bench.untilEndedRead(matchIds);
    const wanted = `topic ${kafka.namespace}logs_move does not accept messages, because User:ANONYMOUS may not write`;
    await until(() => lines(relay).some((line) => line.startsWith(wanted)));
    await permit(mayNotWrite);
    await bench.reader.untilEnded(matchIds);
    bench.reader.check();
  });

  it("cannot mark its NAMESPACE as in use, and names the topic to create and the reason", async () => {
    await restrict();
    const id = randomUUID();
    const marking = new InstallationTopic(kafka, silent).mark(id, { clusterId: "", id: null, number: 0 });
    const name = `${kafka.namespace}hypogeum_installation_1_${id}`;
    const message = `topic ${name} could not be created (TOPIC_AUTHORIZATION_FAILED); it shows other installations that this NAMESPACE is in use; create it with one partition, or permit User:ANONYMOUS to create topics`;
    await assert.rejects(marking, { message });
  });
});
