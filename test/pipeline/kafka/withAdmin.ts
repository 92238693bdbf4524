/** Changes a cluster as its operator would. */
import { setTimeout } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { createClient } from "../../../src/pipeline/kafka/kafkajs/client.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import type { Environment } from "../../../tools/services/environment.ts";

const TOPIC = 2;
const entriesOf = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).map(([name, value]) => ({ name, value }));

/** The administrator of the cluster to which a user connects with `config`. */
export const adminOf = ({ admin }: { readonly admin: Environment }, { namespace }: KafkaConfig): KafkaConfig =>
  kafkaConfig({ ...admin, NAMESPACE: namespace })!;

export async function withAdmin<T>(config: KafkaConfig, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createClient(config, silent).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** @param topic without namespace. */
export async function createTopic(
  config: KafkaConfig,
  topic: string,
  numPartitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const name = config.namespace + topic;
  const declared = { topic: name, numPartitions, replicationFactor: 1, configEntries: entriesOf(settings) };
  await withAdmin(config, async (admin) => {
    await admin.createTopics({ topics: [declared], waitForLeaders: false });
    while (!(await admin.listTopics()).includes(name)) await setTimeout(50);
  });
}

/** Replaces all settings of the topic. */
export async function alterTopic(
  config: KafkaConfig,
  topic: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const resource = { type: TOPIC, name: config.namespace + topic, configEntries: entriesOf(settings) };
  await withAdmin(config, (admin) => admin.alterConfigs({ validateOnly: false, resources: [resource] }));
}
