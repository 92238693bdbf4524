/** What compose.yaml gives the program, and how it keeps the services running. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import proxyaddr from "proxy-addr";
import { parse } from "yaml";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { findFreePort } from "../../tools/services/ports.ts";
import { useServices } from "../tools/services/useServices.ts";

const { services: inCompose } = parse(readFileSync(path.resolve(import.meta.dirname, "../../compose.yaml"), "utf8"), {
  merge: true,
});
const { app, kafka, postgres, redis, s3 } = inCompose;

/** With this file .env, as Compose does: a variable of `environment` takes precedence over the same one of `env_file`. */
function environmentOfApp(dotEnv: Readonly<Record<string, string>>): Record<string, string> {
  const filled = (value: unknown) =>
    String(value).replace(/\$\{(\w+):-(.*?)\}/g, (_, name, fallback) => dotEnv[name] || fallback);
  const own = Object.entries(app.environment).map(([name, value]) => [name, filled(value)]);
  const files = (app.env_file ?? []).map((file: { path: string }) => file.path);
  return { ...(files.includes(".env") ? dotEnv : {}), ...Object.fromEntries(own) };
}

describe("the program in compose.yaml", () => {
  const dotEnv = {
    ...{ JWT_SECRET: "x".repeat(32), POSTGRES_PASSWORD: "p", KAFKA_PORT: "9999", S3_PORT: "7071" },
    ...{
      TRUSTED_PROXIES: "uniquelocal",
      PUBLIC_URL: "https://play.example.com",
      NAMESPACE: "prod-",
      ROLES: "game,api",
    },
    ...{ ADMIN_USER: "anna", ADMIN_PASSWORD: "a long password", OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318" },
    ...{ PORT: "8080", HOST: "127.0.0.1", HEALTH_PORT: "9600", DATA_DIR: "/srv", PROCESSES: "4" },
  };

  it("gets every setting of .env, but the ports, addresses and folders of its container", () => {
    const env = environmentOfApp(dotEnv);
    const config = readConfig([], env);
    const { trustedProxies, publicUrl, namespace, adminUser, roles } = config;
    assert.deepEqual(
      [trustedProxies, publicUrl, namespace, adminUser, roles],
      [["uniquelocal"], "https://play.example.com/", "prod-", "anna", ["game", "api"]],
    );
    assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, dotEnv.OTEL_EXPORTER_OTLP_ENDPOINT);
    const { port, host, healthPort, dataDir, processes } = config;
    assert.deepEqual([port, host, healthPort, dataDir, processes], [2567, "0.0.0.0", 2600, "/var/lib/hypogeum", 1]);
    assert.match(config.databaseUrl!, /:p@postgres:/);
    for (const inContainer of [port, healthPort])
      assert.ok(app.ports.some((mapping: string) => mapping.endsWith(`:${inContainer}`)));
  });

  it("starts without the file .env for the other services", () => {
    assert.deepEqual(app.env_file, [{ path: ".env", required: false }]);
  });

  it("trusts a proxy of the same machine with the setting that the documents name: it connects from the network's gateway", () => {
    const trusts = proxyaddr.compile([...readConfig([], environmentOfApp(dotEnv)).trustedProxies]);
    for (const gateway of ["172.18.0.1", "192.168.0.1", "10.0.0.1"]) assert.ok(trusts(gateway, 0), gateway);
    const documents = readFileSync(path.resolve(import.meta.dirname, "../../docs/deployment.md"), "utf8");
    assert.match(documents, /^TRUSTED_PROXIES=uniquelocal$/m);
  });
});

describe("the services in compose.yaml", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  const exec = promisify(execFile);

  it("start again after a crash and after a start of the machine", () => {
    for (const service of [app, kafka, postgres, redis, s3])
      assert.equal(service.restart, "unless-stopped", service.image);
  });

  it("give Kafka the time to write what it has in memory", () => {
    assert.equal(kafka.stop_grace_period, "60s");
  });

  it("check Kafka without a program that takes seconds of CPU", async () => {
    const [kind, command, ...args] = kafka.healthcheck.test as string[];
    assert.equal(kind, "CMD");
    const check = (port: string | number) =>
      exec(
        command,
        args.map((arg) => arg.replace("19092", String(port))),
      );
    const { KAFKA_BROKERS } = services().env;
    await check(KAFKA_BROKERS.split(":")[1]);
    await assert.rejects(check(await findFreePort([])));
  });
});
