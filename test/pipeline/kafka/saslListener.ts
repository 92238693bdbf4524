/** Adds a listener that requires authentication to a running broker, as an operator would. */
import { connect } from "node:net";
import { createClient } from "../../../src/pipeline/kafka/client.ts";
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { findFreePort } from "../../../tools/services/ports.ts";

const BROKER = 4;

/** Opens a port that accepts only the user with the given name and password. Resolves to its address. */
export async function addSaslListener(config: KafkaConfig, password: string, user = "anna"): Promise<string> {
  const port = await findFreePort([]);
  const admin = createClient(config, silent).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: BROKER, name: "1", configNames: ["listeners", "listener.security.protocol.map"] }],
  });
  const now = new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
  const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const settings = {
    listeners: `${now.get("listeners")},SIGNED://127.0.0.1:${port}`,
    "listener.security.protocol.map": `${now.get("listener.security.protocol.map")},SIGNED:SASL_PLAINTEXT`,
    "listener.name.signed.sasl.enabled.mechanisms": "PLAIN",
    "listener.name.signed.plain.sasl.jaas.config": `${login} required user_${user}="${password}";`,
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
