/** Brokers that are given by their IPv6 addresses. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { KAFKA_CLIENTS } from "./clients.ts";

describe("a broker at an IPv6 address", () => {
  for (const KAFKA_CLIENT of KAFKA_CLIENTS)
    it(`is reached by ${KAFKA_CLIENT}`, async () => {
      const server = createServer((socket) => socket.destroy()).listen(0, "::1");
      await once(server, "listening");
      const connected = once(server, "connection");
      const { port } = server.address() as AddressInfo;
      const config = kafkaConfig({ KAFKA_BROKERS: `[::1]:${port}`, KAFKA_CLIENT })!;
      const refused = assert.rejects(chooseClient(config, silent).openAdmin());
      await connected;
      await refused;
      server.close();
    });
});
