/** Checks the manifests by the schemas of Kubernetes, and what the program needs beyond them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { rules } from "../../../src/arena/rules.ts";
import { STOP_WITHIN_MS } from "../../../src/main/multiProcess/SupervisedProcess.ts";
import { ConfigError, readConfig } from "../../../src/platform/config/readConfig.ts";
import { expandVariables } from "./expandVariables.ts";
import { validate } from "./kubernetesValidate.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../../deploy/kubernetes");
const JOBS = ["orphanedVolume/job.yaml", "owner/migrate.yaml", "owner/command.yaml"].map((name) =>
  path.join(FOLDER, name),
);
const DOCUMENT = path.resolve(FOLDER, "../../docs/deployment.md");
const BASE = path.join(FOLDER, "base");
const PRE_STOP_SECONDS = 5;

/** The oldest version that has every field, and the newest that the tool knows. */
const KUBERNETES = ["1.30.0", "1.34.0"];

const documentsIn = (file: string): any[] =>
  parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS());

const files = readdirSync(BASE)
  .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
  .map((name) => path.join(BASE, name));
const resources = files.flatMap(documentsIn);
const find = (kind: string, name: string) =>
  resources.find((one) => one.kind === kind && one.metadata.name === name) ?? assert.fail(`no ${kind} ${name}`);
const workloads = resources.filter(({ kind }) => ["StatefulSet", "Deployment"].includes(kind));
const pods = [...workloads, ...JOBS.flatMap(documentsIn)].map(({ metadata, spec }) => ({
  name: metadata.name as string,
  spec: spec.template.spec,
  container: spec.template.spec.containers[0],
  labels: spec.template.metadata.labels,
}));
const podOf = (name: string) => pods.find((pod) => pod.name === name)!;

/** Of a file with lines NAME=VALUE. */
const readEnv = (file: string): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(file, "utf8").matchAll(/^([\w-]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );

/** The variables of a pod, as Kubernetes would set them. */
function environmentOf(name: string): Record<string, string> {
  const variables = {
    ...readEnv(path.join(BASE, "settings.env")),
    ...expandVariables(podOf(name).container.env, `${name}-0`),
  };
  return Object.fromEntries(Object.entries(variables).filter(([key]) => !key.endsWith("_FILE")));
}

const PRODUCTION = path.join(FOLDER, "overlays/production");
const [production] = documentsIn(path.join(PRODUCTION, "kustomization.yaml"));
const PROGRAM_PODS = ["hypogeum-game", "hypogeum-api", "hypogeum-sinks"];

/** The files of the Secret that a pod mounts, in the overlay for production. */
function secretsOf(name: string): Record<string, string> {
  const { secretName } = podOf(name).spec.volumes.find((volume: any) => volume.name === "secrets").secret;
  const { envs } = production.secretGenerator.find((secret: any) => secret.name === secretName);
  return Object.assign({}, ...envs.map((file: string) => readEnv(path.join(PRODUCTION, file))));
}

const JWT_SECRET = "x".repeat(32);
const SECRETS = {
  DATABASE_URL: "postgres://hypogeum:password@postgres:5432/hypogeum",
  REDIS_URL: "redis://redis:6379",
};

describe("the manifests of Kubernetes", function () {
  this.timeout(600_000);

  for (const version of KUBERNETES)
    it(`match the schemas of Kubernetes ${version}`, () => validate(version, [...files, ...JOBS]));

  it("are all in the kustomization", () => {
    const [{ resources: named }] = documentsIn(path.join(BASE, "kustomization.yaml"));
    assert.deepEqual([...named].sort(), files.map((file) => path.basename(file)).sort());
  });

  it("give a game process a pause, DRAIN_SECONDS and the time to stop, and a match the time to end", () => {
    const { spec, container } = podOf("hypogeum-game");
    const drainSeconds = Number(environmentOf("hypogeum-game").DRAIN_SECONDS);
    assert.ok(spec.terminationGracePeriodSeconds > PRE_STOP_SECONDS + drainSeconds + STOP_WITHIN_MS / 1000);
    assert.ok(container.lifecycle.preStop.exec.command.join(" ").includes(String(PRE_STOP_SECONDS * 1000)));
    for (const { waitMs, countdownMs, timeLimitMs } of Object.values(rules.modes))
      assert.ok(drainSeconds * 1000 > waitMs + countdownMs + timeLimitMs);
  });

  it("start each kind of pod with settings that the program accepts, under its pod's name", () => {
    for (const name of PROGRAM_PODS) {
      const key = name === "hypogeum-sinks" ? {} : { JWT_SECRET };
      const config = readConfig([], { ...environmentOf(name), ...SECRETS, ...key });
      assert.equal(config.processName, `${name}-0`);
      assert.equal(config.publicAddress, name === "hypogeum-game" ? "play.example.com/hypogeum-game-0" : undefined);
      assert.equal(
        podOf(name).container.ports.find((port: any) => port.name === "health").containerPort,
        config.healthPort,
      );
    }
  });

  it("refuse to start with the secrets of the example", () => {
    const { "jwt-secret": JWT_SECRET } = secretsOf("hypogeum-game");
    assert.throws(() => readConfig([], { ...environmentOf("hypogeum-game"), ...SECRETS, JWT_SECRET }), ConfigError);
  });

  it("mount each secret that a setting names", () => {
    const literals: string[] = production.configMapGenerator[0].literals;
    const shared = [
      ...Object.entries(readEnv(path.join(BASE, "settings.env"))),
      ...literals.map((line) => line.split("=")),
    ];
    for (const name of PROGRAM_PODS) {
      const own = podOf(name).container.env.map((one: any) => [one.name, one.value]);
      const named = [...shared, ...own].filter(([key]) => key.endsWith("_FILE")).map(([, file]) => file);
      const mounted = Object.keys(secretsOf(name)).map((file) => `/run/secrets/hypogeum/${file}`);
      assert.deepEqual(named.sort(), mounted.sort(), name);
    }
  });

  it("give each kind of pod only the secrets that it needs, of users with the least privileges", () => {
    for (const name of PROGRAM_PODS) {
      const secrets = secretsOf(name);
      const isSinks = name === "hypogeum-sinks";
      assert.equal("jwt-secret" in secrets, !isSinks, name);
      for (const file of ["warehouse-url", "s3-secret-access-key"]) assert.equal(file in secrets, isSinks, name);
      assert.equal(new URL(secrets["database-url"]).username, "hypogeum_runtime");
      assert.equal(new URL(secrets["redis-url"]).username, "hypogeum");
    }
    assert.equal(new URL(secretsOf("hypogeum-sinks")["warehouse-url"]).username, "hypogeum_warehouse");
    const { literals } = production.configMapGenerator[0];
    for (const line of ["KAFKA_SSL=1", "KAFKA_SASL_USERNAME=hypogeum", "NAMESPACE=prod-"])
      assert.ok(literals.includes(line), line);
  });

  it("run every container without root, privileges and a writable root file system", () => {
    for (const { name, spec, container } of pods) {
      assert.equal(spec.securityContext.runAsNonRoot, true, name);
      assert.equal(spec.automountServiceAccountToken, false, name);
      const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
      assert.deepEqual(
        [allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities.drop],
        [false, true, ["ALL"]],
        name,
      );
    }
  });

  it("never scale down automatically, and keep the volume of a pod that is gone for the job that drains it", () => {
    const { spec } = find("HorizontalPodAutoscaler", "hypogeum-game");
    assert.equal(spec.behavior.scaleDown.selectPolicy, "Disabled");
    const game = find("StatefulSet", "hypogeum-game").spec;
    assert.equal(game.replicas, undefined, "kubectl apply would undo what the autoscaler did");
    assert.deepEqual(game.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    const [{ persistentVolumeClaim }] = podOf("drain-hypogeum-game-3").spec.volumes;
    assert.equal(persistentVolumeClaim.claimName, `${game.volumeClaimTemplates[0].metadata.name}-hypogeum-game-3`);
  });

  it("have a documented way to read the number of players, and to stop joins, on the ports of the pods", () => {
    const [scaling] = readFileSync(DOCUMENT, "utf8").split("**Scaling.**").slice(1);
    const forwarded = [...scaling.matchAll(/^ +kubectl -n hypogeum port-forward hypogeum-game-\S+ (.*?) &$/gm)];
    const ports = podOf("hypogeum-game").container.ports.map(({ containerPort }: any) => String(containerPort));
    assert.deepEqual(
      forwarded.map(([, list]) => list.split(" ").sort()),
      [ports.sort()],
    );
    for (const url of ["2600/metrics", "2567/admin/drain"]) assert.ok(scaling.includes(`http://localhost:${url}`), url);
  });

  it("select pods that exist, and give each kind a disruption budget", () => {
    for (const { kind, metadata, spec } of resources) {
      const selector = { Service: spec?.selector, NetworkPolicy: spec?.podSelector?.matchLabels };
      const wanted = kind in selector ? selector[kind as "Service"] : spec?.selector?.matchLabels;
      const isSelected = ({ labels }: (typeof pods)[0]) =>
        Object.entries(wanted ?? {}).every(([label, value]) => labels[label] === value);
      assert.ok(pods.some(isSelected), `${kind} ${metadata.name}`);
    }
    for (const { metadata } of workloads) find("PodDisruptionBudget", metadata.name);
  });

  it("keep a pod that drains reachable by name", () => {
    const { spec } = find("Service", "hypogeum-game");
    assert.deepEqual([spec.clusterIP, spec.publishNotReadyAddresses], ["None", true]);
  });
});
