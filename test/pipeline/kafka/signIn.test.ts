/** Signing in to a real Kafka: with a token of an identity provider, with SCRAM, and with a certificate. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { describeProblem } from "../../../src/pipeline/kafka/problem.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { cacheFolder } from "../../../tools/services/folders.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { kafkaVersion } from "../../../tools/services/versions.ts";
import { Certificates } from "../../tools/services/certificates.ts";
import { KAFKA_CLIENTS } from "./clients.ts";
import { addListener } from "./saslListener.ts";
import { SECRET, TokenServer } from "./TokenServer.ts";

/** Kafka's own tool adds the user `anna`, because one of the clients cannot. */
async function addScramUser(broker: string, mechanisms: readonly string[]): Promise<void> {
  const libs = path.join(cacheFolder(), `kafka-${kafkaVersion}`, "libs");
  const java = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", `${libs}/*`, "kafka.admin.ConfigCommand"];
  // The tool changes a user's credentials once per call.
  for (const name of mechanisms) {
    const credentials = `${name}=[iterations=4096,password=${SECRET}]`;
    const change = ["--alter", "--add-config", credentials, "--entity-type", "users", "--entity-name", "anna"];
    await promisify(execFile)("java", [...java, "--bootstrap-server", broker, ...change]);
  }
}

describe("signing in to Kafka", function () {
  this.timeout(900_000);
  const certificates = new Certificates();
  const file = (name: string) => certificates.file(name);
  let services: Services;
  let provider: TokenServer;

  before(async () => {
    services = await startServices(["kafka"]);
    provider = await TokenServer.start();
  });
  after(async () => {
    await provider.stop();
    await services.stop();
    certificates.remove();
  });

  /** Null if the program can sign in; otherwise the line that an operator reads. */
  async function lineFor(env: Readonly<Record<string, string>>): Promise<string | null> {
    const config = kafkaConfig(env)!;
    try {
      const admin = await chooseClient(config, silent).openAdmin();
      await admin.close();
      return null;
    } catch (error) {
      return describeProblem(error, config);
    }
  }

  it("works with a token of an identity provider", async () => {
    const broker = await addListener(kafkaConfig({ ...services.env })!, "OAUTH", "SASL_PLAINTEXT", {
      "sasl.enabled.mechanisms": "OAUTHBEARER",
      "oauthbearer.sasl.jaas.config": "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
    });
    for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
      const env = {
        KAFKA_CLIENT,
        ...{ KAFKA_BROKERS: broker, KAFKA_SASL_MECHANISM: "oauthbearer", KAFKA_OAUTH_TOKEN_URL: provider.url },
        ...{ KAFKA_SASL_USERNAME: "hypogeum", KAFKA_SASL_PASSWORD: SECRET },
      };
      assert.equal(await lineFor(env), null);
      assert.match(
        (await lineFor({ ...env, KAFKA_SASL_PASSWORD: "wrong" }))!,
        /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: http\S+ refused client "hypogeum": status 401/,
      );
      provider.answer = { status: 200, body: JSON.stringify({ access_token: "not-a-token", expires_in: 300 }) };
      assert.match(
        (await lineFor(env))!,
        /^KAFKA_SASL_USERNAME: broker 127\.0\.0\.1:\d+ refused the token of client "hypogeum": \{.*invalid_token.*\}; compare issuer, /,
      );
      provider.answer = null;
    }
  });

  it("works with SCRAM, and says that the password is wrong", async () => {
    const login = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
    const mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512"];
    const broker = await addListener(kafkaConfig({ ...services.env })!, "SCRAM", "SASL_PLAINTEXT", {
      "sasl.enabled.mechanisms": mechanisms.join(),
      ...Object.fromEntries(mechanisms.map((name) => [`${name.toLowerCase()}.sasl.jaas.config`, login])),
    });
    await addScramUser(services.env.KAFKA_BROKERS, mechanisms);
    for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
      for (const KAFKA_SASL_MECHANISM of mechanisms.map((name) => name.toLowerCase())) {
        const env = { KAFKA_CLIENT, KAFKA_BROKERS: broker, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME: "anna" };
        assert.equal(await lineFor({ ...env, KAFKA_SASL_PASSWORD: SECRET }), null);
        const line = await lineFor({ ...env, KAFKA_SASL_PASSWORD: "wrong" });
        assert.match(
          line!,
          /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: .* rejected user "anna" with mechanism scram-sha-/,
        );
      }
    }
  });

  it("works with a certificate, and says which variable names it", async () => {
    writeFileSync(
      file("server.pem"),
      ["server.key", "server.crt"].map((name) => readFileSync(file(name), "utf8")).join(""),
    );
    const broker = await addListener(kafkaConfig({ ...services.env })!, "CERTIFIED", "SSL", {
      ...{ "ssl.keystore.type": "PEM", "ssl.keystore.location": file("server.pem") },
      ...{ "ssl.truststore.type": "PEM", "ssl.truststore.location": file("ca.crt") },
      "ssl.client.auth": "required",
    });
    for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
      const env = { KAFKA_CLIENT, KAFKA_BROKERS: broker, KAFKA_SSL_CA: file("ca.crt") };
      const own = { KAFKA_SSL_CERT: file("client.crt"), KAFKA_SSL_KEY: file("client.key") };
      assert.equal(await lineFor({ ...env, ...own }), null);
      assert.match(
        (await lineFor(env))!,
        /^KAFKA_SSL_CERT: not set, but the brokers at \S+ require a client certificate/,
      );
      assert.match(
        (await lineFor({ KAFKA_CLIENT, KAFKA_BROKERS: broker }))!,
        /^KAFKA_BROKERS: .* TLS \(KAFKA_SSL=1\) /,
      );
      assert.match(
        (await lineFor({ KAFKA_CLIENT, KAFKA_BROKERS: broker, KAFKA_SSL: "1", ...own }))!,
        /^KAFKA_SSL: .* KAFKA_SSL_CA /,
      );
      assert.throws(() => kafkaConfig({ ...env, ...own, KAFKA_SSL_KEY: file("server.key") }), {
        message: /^KAFKA_SSL_KEY: ".*server\.key" is not the private key of the certificate ".*"$/,
      });
    }
  });
});
