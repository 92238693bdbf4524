/** Signing in to a real Kafka, with a token of an identity provider and with a certificate. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "../../../src/pipeline/kafka/client.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { describeProblem } from "../../../src/pipeline/kafka/problem.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { addListener } from "./saslListener.ts";
import { SECRET, TokenServer } from "./TokenServer.ts";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

describe("signing in to Kafka", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-sign-in-"));
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  let services: Services;
  let provider: TokenServer;

  before(async () => {
    services = await startServices(["kafka"]);
    provider = await TokenServer.start();
  });
  after(async () => {
    await provider.stop();
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Null if the program can sign in; otherwise the line that an operator reads. */
  async function lineFor(env: Readonly<Record<string, string>>): Promise<string | null> {
    const config = kafkaConfig(env)!;
    const admin = createClient(config, silent).admin({ retry: { retries: 1 } });
    try {
      await admin.connect();
      return null;
    } catch (error) {
      return describeProblem(error, config);
    } finally {
      await admin.disconnect();
    }
  }

  it("works with a token of an identity provider", async () => {
    const broker = await addListener(kafkaConfig({ ...services.env })!, "OAUTH", "SASL_PLAINTEXT", {
      "sasl.enabled.mechanisms": "OAUTHBEARER",
      "oauthbearer.sasl.jaas.config":
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
    });
    const env = {
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
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: .* rejected user "hypogeum" with mechanism oauthbearer$/,
    );
    provider.answer = null;
  });

  it("works with a certificate, and says which variable names it", async () => {
    openssl("req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=private");
    for (const name of ["server", "client"]) {
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
      openssl("req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, ...subject);
      const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"];
      openssl("x509", "-req", "-in", `${name}.csr`, ...authority, "-copy_extensions", "copy", "-out", `${name}.crt`);
    }
    writeFileSync(file("server.pem"), readFileSync(file("server.key"), "utf8") + readFileSync(file("server.crt"), "utf8"));
    chmodSync(folder, 0o755);
    const broker = await addListener(kafkaConfig({ ...services.env })!, "CERTIFIED", "SSL", {
      ...{ "ssl.keystore.type": "PEM", "ssl.keystore.location": file("server.pem") },
      ...{ "ssl.truststore.type": "PEM", "ssl.truststore.location": file("ca.crt") },
      "ssl.client.auth": "required",
    });
    const env = { KAFKA_BROKERS: broker, KAFKA_SSL_CA: file("ca.crt") };
    const own = { KAFKA_SSL_CERT: file("client.crt"), KAFKA_SSL_KEY: file("client.key") };
    assert.equal(await lineFor({ ...env, ...own }), null);
    assert.match((await lineFor(env))!, /^KAFKA_SSL_CERT: not set, but the brokers at \S+ require a certificate of the client/);
    assert.match((await lineFor({ KAFKA_BROKERS: broker, KAFKA_SSL: "1", ...own }))!, /^KAFKA_SSL: .* KAFKA_SSL_CA /);
    assert.throws(() => kafkaConfig({ ...env, ...own, KAFKA_SSL_KEY: file("server.key") }), {
      message: /^KAFKA_SSL_KEY: ".*server\.key" is not the private key of KAFKA_SSL_CERT$/,
    });
  });
});
