/** The rules that the script adds with Kafka's own command: what the server's user may do, and what not. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { createClient } from "../../../src/pipeline/kafka/kafkajs/client.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { cacheFolder } from "../../../tools/services/folders.ts";
import { uniqueNamespace } from "../../../tools/services/startServices.ts";
import { kafkaVersion } from "../../../tools/services/versions.ts";
import { createTopic, withAdmin } from "../../pipeline/kafka/withAdmin.ts";
import { Ledger, storingHandler } from "../../pipeline/log/Ledger.ts";
import { kafkaRules, leastPrivileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

const script = path.resolve(import.meta.dirname, "../../../deploy/privileges/kafka.sh");
const [TOPIC, ANY] = [2, 1];
const [RETENTION, PREFIXED] = ["retention.ms", 4];

describe("the user of Kafka", function () {
  this.timeout(300_000);
  const services = useServices("kafka");
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-acls-"));
  let admin: KafkaConfig;
  let server: KafkaConfig;

  before(async () => {
    const { KAFKA_BROKERS, KAFKA_USERS_BROKERS, KAFKA_USERS_PASSWORD } = services().admin;
    const users = { KAFKA_BROKERS, KAFKA_USERS_BROKERS, KAFKA_USERS_PASSWORD };
    const env = { ...users, NAMESPACE: uniqueNamespace(), KAFKA_PARTITIONS: "1" };
    admin = kafkaConfig(env)!;
    server = kafkaConfig({ ...env, ...(await leastPrivileges(env)) })!;
    await createTopic(admin, "logs_match", 1);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const asServer = <T>(work: Parameters<typeof withAdmin<T>>[1]) => withAdmin(server, work);

  it("has the rules that the script adds, and no others", async () => {
    const libs = path.join(cacheFolder(), `kafka-${kafkaVersion}`, "libs");
    const command = path.join(folder, "kafka-acls.sh");
    writeFileSync(
      command,
      `#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '${libs}/*' org.apache.kafka.tools.AclCommand "$@"\n`,
    );
    chmodSync(command, 0o755);
    const namespace = uniqueNamespace();
    const env = { PATH: `${folder}:${process.env.PATH}`, NAMESPACE: namespace, PRINCIPAL: "User:anna" };
    await promisify(execFile)("sh", [script], { env: { ...env, BOOTSTRAP: admin.brokers[0] } });
    const { resources } = await withAdmin(admin, (client) =>
      client.describeAcls({
        ...{ resourceType: ANY, resourceName: namespace, resourcePatternType: PREFIXED },
        ...{ principal: "User:anna", operation: ANY, permissionType: ANY },
      }),
    );
    const added = resources.flatMap(({ acls, ...resource }) =>
      acls.map((acl) => ({ ...acl, resourceType: resource.resourceType, resourceName: resource.resourceName })),
    );
    const keyOf = (rule: Omit<(typeof added)[number], "principal">) =>
      [rule.resourceType, rule.resourceName, rule.operation, rule.permissionType, rule.host].join(" ");
    assert.deepEqual(added.map(keyOf).sort(), kafkaRules("User:anna", namespace).map(keyOf).sort());
    assert.equal(added.length, 5);
  });

  it("publishes and consumes, and creates the topics of its namespace", async () => {
    const log = new KafkaLog(server, silent);
    const ledger = new Ledger();
    await log.publish([
      { topic: "logs_match", key: "k", value: Buffer.from("{}"), headers: { id: "m:0:logs_match", seq: "o:1" } },
    ]);
    await log.consume("g", ["logs_match"], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length > 0);
    await log.close();
    await createTopic(server, "logs_new", 1);
  });

  const denied: Readonly<Record<string, () => Promise<unknown>>> = {
    "delete a topic": () => asServer((client) => client.deleteTopics({ topics: [`${server.namespace}logs_match`] })),
    "change the retention of a topic": () =>
      asServer((client) =>
        client.alterConfigs({
          validateOnly: false,
          resources: [
            {
              ...{ type: TOPIC, name: `${server.namespace}logs_match` },
              configEntries: [{ name: RETENTION, value: "1" }],
            },
          ],
        }),
      ),
    "create a topic outside its namespace": () =>
      asServer((client) => client.createTopics({ topics: [{ topic: "other-logs_match", numPartitions: 1 }] })),
    "write to a topic outside its namespace": async () => {
      await createTopic({ ...admin, namespace: "other-" }, `${server.namespace}x`, 1).catch(() => {});
      const producer = createClient(server, silent).producer();
      await producer.connect();
      await producer
        .send({ topic: `other-${server.namespace}x`, messages: [{ value: "x" }] })
        .finally(() => producer.disconnect());
    },
    "add rules": () => asServer((client) => client.createAcls({ acl: kafkaRules("User:anna", "other-") })),
    "read rules": () =>
      asServer((client) =>
        client.describeAcls({ resourceType: ANY, resourcePatternType: ANY, operation: ANY, permissionType: ANY }),
      ),
  };
  for (const [what, attempt] of Object.entries(denied)) {
    it(`may not ${what}`, async () => {
      const error = await attempt().then(
        () => null,
        (reason) => reason,
      );
      assert.match(
        JSON.stringify({ ...error, message: error?.message, errors: error?.errors?.map(String) }),
        /not authorized|AUTHORIZATION_FAILED/i,
      );
    });
  }
});
