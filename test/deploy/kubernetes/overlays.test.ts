/** The overlays as kubectl builds them: the resources that a cluster would get. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import proxyaddr from "proxy-addr";
import { checkSettings } from "../../../src/main/checkConfig.ts";
import { type Config, readConfig } from "../../../src/platform/config/readConfig.ts";
import { settings } from "../../../src/platform/config/settings.ts";
import { expandVariables } from "./expandVariables.ts";
import { validate } from "./kubernetesValidate.ts";
import { resourcesOf } from "./kustomize.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../../deploy/kubernetes/overlays");
const HOSTS = { production: "play.example.com", staging: "staging.play.example.com" };

const SECRETS = {
  JWT_SECRET: "x".repeat(32),
  DATABASE_URL: "postgres://hypogeum:password@postgres:5432/hypogeum",
  REDIS_URL: "redis://redis:6379",
};

describe("the proxies that the pods trust", () => {
  const trusts = (setting: string, address: string) =>
    proxyaddr.compile([...readConfig([], { TRUSTED_PROXIES: setting }).trustedProxies])(address, 0);

  it("do not include pods in 100.64.0.0/10, unless the setting that the overlay shows for them is used", () => {
    const text = readFileSync(path.join(FOLDER, "production/kustomization.yaml"), "utf8");
    const [, shown] = /^ +#.*\n +# - TRUSTED_PROXIES=(\S+)$/m.exec(text)!;
    for (const pod of ["100.64.3.7", "10.8.0.4"]) assert.ok(trusts(shown, pod), pod);
    assert.ok(!trusts("uniquelocal", "100.64.3.7"));
    assert.match(settings.trustedProxies.about, /100\.64\.0\.0\/10/);
  });
});

for (const [name, host] of Object.entries(HOSTS)) {
  describe(`the overlay ${name}`, function () {
    this.timeout(600_000);
    let resources: any[] = [];
    before("kubectl", async () => {
      resources = await resourcesOf(path.join(FOLDER, name));
    });

    const find = (kind: string, of: string) =>
      resources.find((one) => one.kind === kind && one.metadata.name === of) ?? assert.fail(`no ${kind} ${of}`);

    function configOf(workload: any): Config {
      const [{ env, envFrom }] = workload.spec.template.spec.containers;
      const settings = envFrom.map((from: any) => find("ConfigMap", from.configMapRef.name).data);
      const own = expandVariables(env, `${workload.metadata.name}-0`);
      const all: [string, string][] = Object.entries(Object.assign({}, ...settings, own));
      return readConfig([], { ...Object.fromEntries(all.filter(([key]) => !key.endsWith("_FILE"))), ...SECRETS });
    }

    it("has resources that match the schemas of Kubernetes", async () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-overlay-"));
      const file = path.join(folder, "all.yaml");
      writeFileSync(file, resources.map((resource) => JSON.stringify(resource)).join("\n---\n"));
      await validate("1.34.0", [file]).finally(() => rmSync(folder, { recursive: true }));
    });

    it("starts each pod under its own name, and a game pod with the address that leads to it", () => {
      const workloads = resources.filter(({ spec }) => spec?.template?.spec.containers[0].name === "hypogeum");
      assert.equal(workloads.length, 3);
      for (const workload of workloads) {
        const pod = `${workload.metadata.name}-0`;
        const { processName, publicAddress, publicUrl } = configOf(workload);
        assert.equal(processName, pod);
        assert.equal(publicAddress, pod.includes("game") ? `${host}/${pod}` : undefined);
        assert.equal(publicUrl, `https://${host}/`);
      }
    });
  });
}

describe("the jobs of the owner of the tables", function () {
  this.timeout(600_000);
  let resources: any[] = [];
  before("kubectl", async () => {
    resources = await resourcesOf(path.resolve(FOLDER, "../owner"));
  });

  const find = (kind: string, of: string) =>
    resources.find((one) => one.kind === kind && one.metadata.name === of) ?? assert.fail(`no ${kind} ${of}`);
  const containerOf = (job: string) => find("Job", job).spec.template.spec.containers[0];

  for (const job of ["hypogeum-migrate", "hypogeum-owner-command"])
    it(`are applied alone by their label, with the image of the pods and the Secret of the owner: ${job}`, () => {
      assert.deepEqual(
        resources.filter(({ metadata }) => metadata.labels?.app === job).map(({ metadata }) => metadata.name),
        [job],
      );
      const { image } = find("StatefulSet", "hypogeum-game").spec.template.spec.containers[0];
      const { image: own, env, volumeMounts } = containerOf(job);
      assert.deepEqual([own, image.includes("/")], [image, true]);
      const { volumes } = find("Job", job).spec.template.spec;
      const { name } = volumes.find(({ secret }: any) => secret?.secretName === "hypogeum-owner");
      const { mountPath } = volumeMounts.find((mount: any) => mount.name === name);
      assert.equal(env.find((one: any) => one.name === "DATABASE_URL_FILE").value, `${mountPath}/database-url`);
    });

  it("can run any command with the settings and the secrets of the sinks", () => {
    const { env, envFrom } = containerOf("hypogeum-owner-command");
    const sinks = find("Deployment", "hypogeum-sinks").spec.template.spec;
    assert.deepEqual(envFrom, sinks.containers[0].envFrom);
    const secretOf = ({ volumes }: any) => volumes.find(({ name }: any) => name === "secrets").secret.secretName;
    const secret = secretOf(find("Job", "hypogeum-owner-command").spec.template.spec);
    assert.equal(secret, secretOf(sinks));
    find("Secret", secret);
    const lineOf = (one: any) => `${one.name}=${one.value}`;
    const ofProcess = ["POD_NAME", "PROCESS_NAME", "ROLES"];
    assert.deepEqual(
      env
        .map(lineOf)
        .filter((line: string) => !line.startsWith("DATABASE_URL_FILE="))
        .sort(),
      sinks.containers[0].env
        .filter((one: any) => !ofProcess.includes(one.name))
        .map(lineOf)
        .sort(),
    );
    const settings = Object.entries<string>(find("ConfigMap", envFrom[0].configMapRef.name).data);
    const plain = Object.fromEntries(settings.filter(([name]) => !name.endsWith("_FILE")));
    const password = { KAFKA_SASL_PASSWORD: "password" };
    checkSettings(readConfig([], { ...plain, ...SECRETS, ...password }, { signsTokens: false }));
  });
});

describe("the operators of the overlay", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-overlays-"));
  after(() => rmSync(folder, { recursive: true }));

  it("are a file that game and API pods read, and the sinks do not get, once its lines are not comments", async () => {
    cpSync(path.resolve(FOLDER, ".."), folder, { recursive: true });
    const overlay = path.join(folder, "overlays/production");
    const file = path.join(overlay, "kustomization.yaml");
    const text = readFileSync(file, "utf8").replace("#files:", "files:");
    const at = text.indexOf("#- target:");
    writeFileSync(file, text.slice(0, at) + text.slice(at).replace(/^( *)#/gm, "$1"));
    writeFileSync(path.join(overlay, "operators.json"), "[]");
    const resources = await resourcesOf(overlay);
    const reading = resources.filter((one) => JSON.stringify(one).includes("OPERATORS_FILE"));
    assert.deepEqual(reading.map(({ metadata }) => metadata.name).sort(), ["hypogeum-api", "hypogeum-game"]);
    for (const { spec } of reading) {
      const { env, volumeMounts } = spec.template.spec.containers[0];
      const { mountPath } = volumeMounts.find(({ name }: any) => name === "secrets");
      const { value } = env.find(({ name }: any) => name === "OPERATORS_FILE");
      assert.equal(value, `${mountPath}/operators.json`);
      const { secretName } = spec.template.spec.volumes.find(({ name }: any) => name === "secrets").secret;
      const { data } = resources.find(({ kind, metadata }) => kind === "Secret" && metadata.name === secretName);
      assert.ok("operators.json" in data);
    }
  });
});
