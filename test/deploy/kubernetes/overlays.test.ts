/** The overlays as kubectl builds them: the resources that a cluster would get. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import proxyaddr from "proxy-addr";
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
