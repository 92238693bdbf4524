/**
 * Adds a listener that requires authentication to a running broker, as an operator would. The broker does not announce it, so
 * clients can sign in there, and nothing else.
 */
import { connect } from "node:net";
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { createClient } from "../../../src/pipeline/kafka/kafkajs/client.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { findFreePort } from "../../../tools/services/ports.ts";

const BROKER = 4;

/** Opens a port that accepts only the user `anna` with the given password. Resolves to its address. */
export async function addSaslListener(config: KafkaConfig, password: string): Promise<string> {
  const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
  return addListener(config, "SIGNED", "SASL_PLAINTEXT", {
    "sasl.enabled.mechanisms": "PLAIN",
    "plain.sasl.jaas.config": `${login} required user_anna="${password}";`,
  });
}

/** `own`: the settings of this listener alone. Resolves to its address. */
export async function addListener(
  config: KafkaConfig,
  name: string,
  protocol: "SASL_PLAINTEXT" | "SSL",
  own: Readonly<Record<string, string>>,
): Promise<string> {
  const port = await findFreePort([]);
  const admin = createClient(config, silent).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: BROKER, name: "1", configNames: ["listeners", "listener.security.protocol.map"] }],
  });
  const now = new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
  const prefix = `listener.name.${name.toLowerCase()}.`;
  const settings = {
    listeners: `${now.get("listeners")},${name}://127.0.0.1:${port}`,
    "listener.security.protocol.map": `${now.get("listener.security.protocol.map")},${name}:${protocol}`,
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [prefix + key, value])),
  };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: BROKER,
        name: "1",
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  await admin.disconnect();
  await untilOpen(port);
  return `127.0.0.1:${port}`;
}

async function untilOpen(port: number): Promise<void> {
  for (let attempts = 0; ; attempts++) {
    const socket = connect({ host: "127.0.0.1", port });
    const open = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    if (attempts === 100) throw new Error(`the broker did not open port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
