/**
 * The scrape job for Kubernetes, on the pods of deploy/kubernetes. Debian's Prometheus is built without the discovery of pods, so the
 * test writes what it would discover, and promtool applies the rules of the job to that.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import { findProgram } from "../../../tools/services/native/run.ts";
import { FOLDER } from "./files.ts";

const KUBERNETES = path.resolve(FOLDER, "../kubernetes");
const exec = promisify(execFile);

interface Pod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

/** The first pod of each workload in the file. */
const podsIn = (file: string): Pod[] =>
  parseAllDocuments(readFileSync(path.join(KUBERNETES, file), "utf8"))
    .map((document) => document.toJS())
    .filter(({ spec }) => spec?.template !== undefined)
    .map(({ metadata, spec: { template } }) => ({
      name: `${metadata.name}-0`,
      labels: template.metadata.labels,
      phase: "Running",
      ports: template.spec.containers[0].ports ?? [],
    }));

/** The role `pod` discovers one target for each port, and one without a port if a container has none. */
const discovered = ({ name, phase, ports }: Pod, address: string) => {
  const pod = { __meta_kubernetes_pod_name: name, __meta_kubernetes_pod_phase: phase };
  if (ports.length === 0) return [{ targets: [address], labels: pod }];
  return ports.map((port) => ({
    targets: [`${address}:${port.containerPort}`],
    labels: { ...pod, __meta_kubernetes_pod_container_port_name: port.name },
  }));
};

describe("the scrape job for Kubernetes", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-scrape-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("scrapes the health port of each pod of the program, under the job of the alerts and the name of the pod", async () => {
    const config = parse(readFileSync(path.join(FOLDER, "prometheus.kubernetes.yml"), "utf8"));
    const [{ job_name: job, kubernetes_sd_configs: discovery, ...scrape }] = config.scrape_configs;
    const [{ role, namespaces, selectors }] = discovery;
    assert.deepEqual([role, namespaces], ["pod", { names: ["hypogeum"] }]);
    const [label, value] = selectors[0].label.split("=");
    const ended = podsIn("base/game.yaml").map((pod) => ({ ...pod, name: "hypogeum-game-1", phase: "Failed" }));
    const files = ["base/game.yaml", "base/api.yaml", "base/sinks.yaml", "base/proxy.yaml", "orphanedVolume/job.yaml"];
    const selected = [...files.flatMap(podsIn), ...ended].filter(({ labels }) => labels[label] === value);
    const static_configs = selected.flatMap((pod, at) => discovered(pod, `10.0.0.${at}`));
    const file = path.join(folder, "prometheus.json");
    writeFileSync(file, JSON.stringify({ scrape_configs: [{ job_name: job, ...scrape, static_configs }] }));
    const promtool = await debianProgram("prometheus", () => findProgram("promtool"));
    const { stdout } = await exec(promtool, ["check", "service-discovery", "--timeout=5s", file, job]);
    const all = JSON.parse(stdout) as { labels: Record<string, string> }[];
    const targets = all.map(({ labels }) => labels).filter(({ __address__ }) => __address__ !== undefined);
    assert.deepEqual(targets.map(({ job, instance }) => `${job} ${instance}`).sort(), [
      "hypogeum hypogeum-api-0",
      "hypogeum hypogeum-game-0",
      "hypogeum hypogeum-sinks-0",
    ]);
    for (const { __address__, __metrics_path__, __scheme__ } of targets)
      assert.match(`${__scheme__}://${__address__}${__metrics_path__}`, /^http:\/\/10\.0\.0\.\d:2600\/metrics$/);
  });

  it("differs from the example for machines only in how it finds the processes", () => {
    const [cluster, machines] = ["prometheus.kubernetes.yml", "prometheus.yml"].map((name) => {
      const { scrape_configs, ...rest } = parse(readFileSync(path.join(FOLDER, name), "utf8"));
      return { ...rest, jobs: scrape_configs.map((one: { job_name: string }) => one.job_name) };
    });
    assert.deepEqual(cluster, machines);
  });
});

describe("the scrape job for machines", () => {
  it("has the ports of a machine with HEALTH_PORT as in the other examples: each process adds its number", () => {
    const [{ static_configs }] = parse(readFileSync(path.join(FOLDER, "prometheus.yml"), "utf8")).scrape_configs;
    const [, first] = /HEALTH_PORT=(\d+)/.exec(readFileSync(path.join(FOLDER, "../systemd/hypogeum.env"), "utf8"))!;
    const [, games] = /--processes (\d+)/.exec(readFileSync(path.join(FOLDER, "prometheus.yml"), "utf8"))!;
    const ports = new Map<string, number[]>();
    for (const target of static_configs[0].targets as string[]) {
      const [machine, port] = target.split(":");
      ports.set(machine, [...(ports.get(machine) ?? []), Number(port)]);
    }
    // The process of relay and sinks comes last.
    const expected = Array.from({ length: Number(games) + 1 }, (_, at) => Number(first) + at);
    assert.deepEqual([...ports.values()], [expected, expected]);
  });
});
