/**
 * Sends or reads messages by the log port, in a process of its own, and reports the CPU time of the whole process, threads included.
 * Arguments: `send` or `read`, the Kafka settings and the topics as JSON, a file with the messages as JSON lines.
 */
import { readFileSync } from "node:fs";
import type { KafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import type { OutgoingMessage } from "../../src/pipeline/log/EventLog.ts";
import { silent } from "../../src/platform/logging/Logger.ts";

/** About as many as the relay sends at a time. */
const BATCH = 4000;

const [task, config, topics, file] = process.argv.slice(2);
const log = new KafkaLog(JSON.parse(config) as KafkaConfig, silent);
const lines = readFileSync(file, "utf8").trimEnd().split("\n");

/** Resolves to CPU µs. The first batch is not counted: until it is stored, the client connects. */
async function send(): Promise<number> {
  const messages = lines.map((line): OutgoingMessage => {
    const message = JSON.parse(line);
    return { ...message, value: Buffer.from(message.value) };
  });
  await log.publish(messages.slice(0, BATCH));
  const before = process.cpuUsage();
  for (let at = BATCH; at < messages.length; at += BATCH) await log.publish(messages.slice(at, at + BATCH));
  return cpuUsSince(before) * (messages.length / (messages.length - BATCH));
}

/** Resolves to CPU µs, from the assignment of the first partition. */
async function read(): Promise<number> {
  const done = Promise.withResolvers<void>();
  let before: NodeJS.CpuUsage | null = null;
  let count = 0;
  await log.consume("bench", JSON.parse(topics) as string[], {
    async onAssigned() {
      before ??= process.cpuUsage();
      return null;
    },
    async apply({ messages }) {
      count += messages.length;
      if (count >= lines.length) done.resolve();
    },
    onSkipped() {},
    async onRevoked() {},
  });
  await done.promise;
  return cpuUsSince(before!);
}

function cpuUsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const cpuUs = await (task === "send" ? send() : read());
await log.close();
process.send!(cpuUs, () => process.exit(0));
