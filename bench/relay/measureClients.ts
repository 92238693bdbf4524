/** The CPU time per event of each Kafka client, to send messages and to read them, in the same run and with the same messages. */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ClientName, KafkaConfig } from "../../src/pipeline/kafka/config.ts";
import type { OutgoingMessage } from "../../src/pipeline/log/EventLog.ts";
import { type Row, rowOf } from "../Row.ts";

const ROUNDS = 3;
const CLIENTS: readonly ClientName[] = ["kafkajs", "platformatic"];
const TASKS = ["send", "read"] as const;

interface Measured {
  /** With a namespace of its own. */
  configOf(namespace: string, client: ClientName): KafkaConfig;
  readonly messages: readonly OutgoingMessage[];
  readonly events: number;
  readonly folder: string;
}

export async function measureClients({ configOf, messages, events, folder }: Measured): Promise<Row[]> {
  const file = path.join(folder, "messages.jsonl");
  writeFileSync(
    file,
    messages.map((message) => `${JSON.stringify({ ...message, value: String(message.value) })}\n`).join(""),
  );
  const topics = JSON.stringify([...new Set(messages.map(({ topic }) => topic))]);
  const us = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, so that what else runs on the machine affects both.
    for (const client of CLIENTS) {
      const config = JSON.stringify(configOf(`client-${round}-${client}-`, client));
      for (const task of TASKS) {
        const cpuUs = await runChild([task, config, topics, file]);
        const key = `${task} ${client}`;
        us.set(key, [...(us.get(key) ?? []), cpuUs / events]);
      }
    }
  }
  const least = (task: string, client: ClientName) => Math.min(...us.get(`${task} ${client}`)!);
  return TASKS.map((task) =>
    rowOf(
      `CPU per event to ${task}, KAFKA_CLIENT=platformatic`,
      "µs",
      least(task, "platformatic"),
      "KAFKA_CLIENT=kafkajs",
      least(task, "kafkajs"),
      `${events} events in ${messages.length} messages, through the log port in a process of its own; least of ${ROUNDS}`,
    ),
  );
}

function runChild(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, "clientProcess.ts"), args);
    let cpuUs: number | null = null;
    child.on("message", (message) => {
      cpuUs = message as number;
    });
    child.on("exit", (code) => {
      if (cpuUs !== null) resolve(cpuUs);
      else reject(new Error(`the process that measures a Kafka client ended with exit code ${code}`));
    });
  });
}
