/**
 * Checks that containers and processes are the same services. No Docker engine is needed: the test reads compose.yaml, and a fake
 * `docker` program records the commands that it receives.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { STOP_WITHIN_MS } from "../../../src/main/multiProcess/SupervisedProcess.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { ComposeEngine, hasDockerEngine } from "../../../tools/services/ComposeEngine.ts";
import { serviceNames } from "../../../tools/services/serviceNames.ts";
import { newState, type SetState } from "../../../tools/services/state.ts";
import { images, portVariables } from "../../../tools/services/versions.ts";

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly init?: boolean;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, any>>;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const root = path.resolve(import.meta.dirname, "../../..");
const text = readFileSync(path.join(root, "compose.yaml"), "utf8");
const compose = parse(text, { merge: true }) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, null>;
};

describe("compose.yaml", () => {
  it("names the same services and versions as the command", () => {
    const always = Object.entries(compose.services).filter(([, { profiles }]) => profiles === undefined);
    assert.deepEqual(Object.fromEntries(always.map(([name, { image }]) => [name, image])), images);
  });

  it("opens one port of each service, two of Kafka, on loopback only, at the ports that the command chooses", () => {
    for (const name of serviceNames) {
      const { ports } = compose.services[name];
      const variables = [portVariables[name], ...(name === "kafka" ? ["KAFKA_USERS_PORT"] : [])];
      assert.equal(ports.length, variables.length);
      for (const [at, variable] of variables.entries())
        assert.match(ports[at], new RegExp(`^127\\.0\\.0\\.1:\\$\\{${variable}:-\\d+\\}:\\d+$`));
    }
    assert.ok(compose.services.app.ports.every((port) => port.startsWith("127.0.0.1:")));
  });

  it("checks the health of each service and keeps its data in a named volume", () => {
    for (const name of serviceNames) {
      const { healthcheck, volumes } = compose.services[name];
      assert.equal(healthcheck?.test[0], "CMD", name);
      assert.ok(volumes.length > 0 && volumes.every((volume) => volume.split(":")[0] in compose.volumes), name);
    }
  });

  it("runs the server only with its profile, and after the services that it needs are healthy and the bucket exists", () => {
    const { profiles, depends_on = {} } = compose.services.app;
    assert.deepEqual([profiles, compose.services.bucket.profiles], [["app"], ["app"]]);
    const conditions = Object.entries(depends_on).map(([name, { condition }]) => [name, condition]);
    const healthy = serviceNames.map((name) => [name, "service_healthy"]);
    assert.deepEqual(conditions.sort(), [...healthy, ["bucket", "service_completed_successfully"]].sort());
  });

  it("gives the server an init process, time to drain, every kind of store, and no folder of the host", () => {
    const { init, stop_grace_period, environment = {}, volumes, image, command } = compose.services.app;
    assert.equal(init, true);
    const [, minutes] = /^(\d+)m$/.exec(stop_grace_period!)!;
    assert.ok(Number(minutes) * 60_000 > environment.DRAIN_SECONDS * 1000 + 2 * STOP_WITHIN_MS);
    assert.ok(volumes.every((volume) => volume.split(":")[0] in compose.volumes));
    assert.deepEqual([image, command], ["hypogeum", undefined], "a registry is needed only while the image is built");
    const values = Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(/\$\{\w+:-(.*?)\}/g, "$1"),
    ]);
    const env: Record<string, string> = { ...Object.fromEntries(values), JWT_SECRET: "x".repeat(32) };
    const { databaseUrl, redisUrl } = readConfig([], env);
    assert.ok(databaseUrl && redisUrl && env.KAFKA_BROKERS);
    assert.deepEqual([s3Config(env)?.bucket, s3Config(env)?.endpoint], ["hypogeum", "http://s3:7070"]);
  });

  it("uses every variable that the command passes", () => {
    for (const name of [
      ...Object.values(portVariables),
      "KAFKA_USERS_PORT",
      "KAFKA_PASSWORD",
      "POSTGRES_PASSWORD",
      "S3_ACCESS_KEY_ID",
      "S3_SECRET_ACCESS_KEY",
    ]) {
      assert.ok(text.includes(`\${${name}:-`), name);
    }
  });
});

describe("with a Docker engine", () => {
  const oldPath = process.env.PATH;
  let folder: string;
  let state: SetState;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-docker-"));
    const fakeDocker = path.join(folder, "docker");
    writeFileSync(
      fakeDocker,
      `#!/bin/sh\necho "$*" >> "${folder}/commands"\necho "$KAFKA_PORT $POSTGRES_PASSWORD" >> "${folder}/variables"\nif [ "$6" = ps ]; then echo redis; fi\n`,
    );
    chmodSync(fakeDocker, 0o755);
    process.env.PATH = `${folder}:${oldPath}`;
    state = newState("docker");
    Object.assign(state.ports, { kafka: 20_001, postgres: 20_002, redis: 20_003, s3: 20_004 });
  });

  afterEach(() => {
    process.env.PATH = oldPath;
    rmSync(folder, { recursive: true, force: true });
  });

  function commands(): string[] {
    const prefix = `compose --file ${root}/compose.yaml --project-name hypogeum-${state.id} `;
    const lines = readFileSync(path.join(folder, "commands"), "utf8").trim().split("\n");
    return lines.map((line) => line.replace(prefix, ""));
  }

  it("checks whether the engine and Compose respond", async () => {
    assert.equal(await hasDockerEngine(), true);
    assert.deepEqual(commands(), ["info --format {{.ServerVersion}}", "compose version"]);
  });

  it("reports no engine if only the client responds", async () => {
    writeFileSync(path.join(folder, "docker"), "#!/bin/sh\nexit 1\n");
    assert.equal(await hasDockerEngine(), false);
  });

  it("runs one docker compose command for each operation, in the project of the set", async () => {
    const engine = new ComposeEngine(state);
    await engine.start("kafka", () => {});
    await engine.kill("kafka");
    await engine.pause("postgres");
    await engine.resume("postgres");
    assert.equal(await engine.isRunning("redis"), true);
    assert.equal(await engine.isRunning("s3"), false);
    await engine.stop(["redis"], false);
    await engine.stop(serviceNames, false);
    await engine.stop(serviceNames, true);
    assert.deepEqual(commands(), [
      "up --detach kafka",
      "kill --signal SIGKILL kafka",
      "pause postgres",
      "unpause postgres",
      "ps --status running --services",
      "ps --status running --services",
      "rm --force --stop redis",
      "down",
      "down --volumes",
    ]);
  });

  it("passes ports and passwords as variables, never as arguments", async () => {
    await new ComposeEngine(state).start("postgres", () => {});
    assert.equal(readFileSync(path.join(folder, "variables"), "utf8"), `20001 ${state.postgresPassword}\n`);
    assert.ok(!commands().join().includes(state.postgresPassword));
  });

  it("reports the output of docker when a command fails", async () => {
    writeFileSync(path.join(folder, "docker"), "#!/bin/sh\necho 'no space left' >&2\nexit 1\n");
    await assert.rejects(new ComposeEngine(state).kill("s3"), /docker compose kill failed: no space left/);
  });
});
