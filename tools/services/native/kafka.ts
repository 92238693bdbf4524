/**
 * Kafka from Maven Central: one node that is both broker and controller. It gets little memory, because the machine runs
 * everything else too.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { kafkaVersion } from "../versions.ts";
import { cacheLog, ensureCached } from "./ensureCached.ts";
import type { InstanceContext, NativeService } from "./Instance.ts";
import { requireProgram, run } from "./run.ts";

const purpose = "Kafka";
/** Version of the SLF4J binding, which must match the log4j among Kafka's jars. */
const loggingVersion = "2.25.4";
/** Any base64 of 16 bytes. All sets have the same id, so that one formatted data folder (`mould`) can be copied for each set. */
const clusterId = "aHlwb2dldW0ta2Fma2EtMQ";
const nodeId = 1;

/**
 * Differences from Kafka's defaults, because there is only one node, little memory is available, and tests must not wait long.
 */
const settings = {
  "process.roles": "broker,controller",
  "node.id": nodeId,
  "controller.listener.names": "CONTROLLER",
  "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,USERS:SASL_PLAINTEXT",
  "offsets.topic.replication.factor": 1,
  "offsets.topic.num.partitions": 4,
  "transaction.state.log.replication.factor": 1,
  "transaction.state.log.min.isr": 1,
  "transaction.state.log.num.partitions": 4,
  "share.coordinator.state.topic.replication.factor": 1,
  "share.coordinator.state.topic.min.isr": 1,
  "group.initial.rebalance.delay.ms": 0,
  "auto.create.topics.enable": false,
  // Everything is allowed until a test creates rules.
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "allow.everyone.if.no.acl.found": true,
  "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
  // A killed broker's registration prevents the next broker from starting for this long.
  "broker.session.timeout.ms": 3000,
  "broker.heartbeat.interval.ms": 500,
};

const memory = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hypogeum</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${loggingVersion}</version></dependency>
  </dependencies>
</project>
`;

export const kafka: NativeService = {
  stopSignal: "SIGTERM",
  async prepare(context, report) {
    const java = requireProgram("java", purpose, "default-jre-headless");
    const installed = await ensureCached(`kafka-${kafkaVersion}`, (draft) => install(draft, java, report));
    const data = path.join(context.folder, "data");
    if (!existsSync(path.join(data, "meta.properties")))
      cpSync(path.join(installed, "mould"), data, { recursive: true });
    const properties = path.join(context.folder, "server.properties");
    writeFileSync(properties, serverProperties(context, data));
    return { command: java, args: [...javaArgs(installed), "kafka.Kafka", properties], cwd: context.folder };
  },
};

function serverProperties({ state }: Pick<InstanceContext, "state">, data: string): string {
  const broker = `PLAINTEXT://127.0.0.1:${state.ports.kafka}`;
  const users = `USERS://127.0.0.1:${state.ports.kafkaUsers}`;
  const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const controller = `127.0.0.1:${state.ports.kafkaController}`;
  return propertiesText({
    ...settings,
    listeners: `${broker},${users},CONTROLLER://${controller}`,
    "advertised.listeners": `${broker},${users}`,
    "listener.name.users.sasl.enabled.mechanisms": "PLAIN",
    "listener.name.users.plain.sasl.jaas.config": `${login} required user_hypogeum="${state.kafkaPassword}";`,
    "controller.quorum.voters": `${nodeId}@${controller}`,
    "log.dirs": data,
  });
}

function propertiesText(properties: Record<string, string | number | boolean>): string {
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")}\n`;
}

/** The jars are sorted: an archive of loaded classes is valid only for the same order. */
function javaArgs(installed: string): string[] {
  const libs = path.join(installed, "libs");
  const jars = readdirSync(libs).sort();
  const config = `-Dlog4j2.configurationFile=${path.join(installed, "log4j2.properties")}`;
  return [...memory, config, "-cp", jars.map((jar) => path.join(libs, jar)).join(":")];
}

async function install(folder: string, java: string, report: (step: string) => void): Promise<void> {
  const command = requireProgram("mvn", purpose, "maven");
  const logFile = cacheLog("kafka");
  report(`downloading Kafka ${kafkaVersion} with Maven`);
  writeFileSync(path.join(folder, "pom.xml"), pom);
  writeFileSync(path.join(folder, "log4j2.properties"), logging);
  const goal = ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${path.join(folder, "libs")}`];
  await run({ command, args: goal, cwd: folder, logFile });
  report("formatting a data folder");
  const mould = path.join(folder, "mould");
  const properties = path.join(folder, "mould.properties");
  mkdirSync(mould);
  // The formatted folder does not contain the ports.
  const state = { ports: { kafka: 9092, kafkaController: 9093, kafkaUsers: 9094 } } as InstanceContext["state"];
  writeFileSync(properties, serverProperties({ state }, mould));
  const format = [...javaArgs(folder), "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties];
  await run({ command: java, args: format, cwd: folder, logFile });
}
