/** The proxy of the cluster, run by the real nginx with the real dnsmasq, leads clients to pods by name. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { findFreePort } from "../../../tools/services/ports.ts";
import { commentedRules, ProxyUnderTest, UPGRADE } from "../proxies/ProxyUnderTest.ts";
import { Dnsmasq } from "./Dnsmasq.ts";
import { Pod } from "./Pod.ts";

const FILE = "deploy/kubernetes/base/nginx.conf";
const BASE = path.resolve(import.meta.dirname, "../../../deploy/kubernetes/base");

/** Of a worker, besides connections: listeners, logs and the like. */
const OTHER_FILES = 100;
/** Each player has two connections: one with TLS, and one to the pod. */
const BYTES_PER_CONNECTION = 30_000;

const SECRET = "a-token-in-a-query";
const nameOf = (pod: string) => `${pod}.hypogeum-game.hypogeum.svc.cluster.local`;
const API = "hypogeum-api.hypogeum.svc.cluster.local";

describe("the proxy of the cluster", function () {
  this.timeout(600_000);
  const pods: Pod[] = [];
  let dns: Dnsmasq;
  let proxy: ProxyUnderTest;
  let closed: ProxyUnderTest;

  /** All pods listen on the same port, each at an address of its own. */
  before(async () => {
    const port = await findFreePort([]);
    const tls = await findFreePort([port]);
    for (const [name, host] of Object.entries({
      "hypogeum-game-0": "127.0.0.2",
      "hypogeum-game-1": "127.0.0.3",
      "the new hypogeum-game-1": "127.0.0.4",
      "hypogeum-api": "127.0.0.5",
    }))
      pods.push(await Pod.start(name, host, port));
    dns = await Dnsmasq.start({
      [nameOf("hypogeum-game-0")]: "127.0.0.2",
      [nameOf("hypogeum-game-1")]: "127.0.0.3",
      [API]: "127.0.0.5",
    });
    const used = [port, tls];
    const start = async (on: number, rules: [string, string][]) => {
      used.push(await findFreePort(used));
      return ProxyUnderTest.start(on, {
        file: FILE,
        run: "nginx",
        replace: [
          ...rules,
          ["kube-dns.kube-system.svc.cluster.local", dns.address],
          ["2567", String(port)],
          ["listen 8080", `listen 127.0.0.1:${used.at(-1)}`],
          ["listen 8443", `listen 127.0.0.1:${on}`],
        ],
      });
    };
    proxy = await start(tls, []);
    used.push(await findFreePort(used));
    closed = await start(used.at(-1)!, commentedRules(FILE));
  });
  after(async () => {
    await proxy?.stop();
    await closed?.stop();
    await dns?.stop();
    for (const pod of pods) pod.stop();
  });

  const open = async (path: string) => String(await proxy.firstMessage(`localhost:${proxy.port}${path}`));

  it("leads a WebSocket to the pod that its path names, and removes the name", async () => {
    for (const name of ["hypogeum-game-0", "hypogeum-game-1"])
      assert.equal(await open(`/${name}/process/room?sessionId=1`), `${name} /process/room?sessionId=1 127.0.0.1`);
  });

  it("finds a pod that has another address since it was started again", async () => {
    await dns.serve({ [nameOf("hypogeum-game-1")]: "127.0.0.4", [API]: "127.0.0.5" });
    // The old answer may be used until its time to live has passed.
    while (!(await open("/hypogeum-game-1/process/room")).startsWith("the new hypogeum-game-1 ")) await delay(100);
  });

  it("answers 502 for a pod that does not exist, and logs no query string", async () => {
    const target = `/hypogeum-game-7/process/room?_authToken=${SECRET}`;
    const { status } = await proxy.request(target, { headers: UPGRADE });
    assert.equal(status, 502);
    await proxy.untilLogged("/hypogeum-game-7/process/room 502");
    assert.doesNotMatch(proxy.logged(), new RegExp(SECRET));
  });

  it("sends every other path to the API, and none to a host that the client chooses", async () => {
    for (const path of [
      "/api/v1/live",
      "/matchmake/joinOrCreate/arena",
      "/hypogeum-game-0.example.com/process/room",
      "/example.com/process/room",
    ]) {
      const { text } = await proxy.request(`${path}?a=1`);
      assert.equal(text, `hypogeum-api ${path}?a=1 127.0.0.1`);
    }
    for (const path of ["/metrics", "/readyz"]) assert.equal((await proxy.request(path)).status, 404);
  });

  it("leads only WebSockets to a pod, and replaces an address that the client claims", async () => {
    const paths = ["/process/room", "/admin/log", "/monitor/api", "/admin/log/x", "//admin/log", ""];
    for (const path of [...paths.map((one) => `/hypogeum-game-0${one}`), "/%68ypogeum-game-0/admin/log"])
      for (const options of [{}, { method: "POST" }, { method: "POST", headers: UPGRADE }])
        assert.equal((await proxy.request(path, options)).status, 404, path);
    const { text } = await proxy.request("/", { headers: { "x-forwarded-for": "203.0.113.7" } });
    assert.equal(text, "hypogeum-api / 127.0.0.1");
  });

  it("can close the operators' paths with the rules that its comments contain, however they are written", async () => {
    assert.equal((await closed.request("/healthz")).status, 200);
    for (const path of [
      "/admin/log",
      "/%61dmin/log",
      "//admin/log",
      "/x/../monitor",
      "/monitor/api",
      "/Playground/rooms",
    ]) {
      assert.equal((await closed.request(path)).status, 403, path);
      assert.equal((await proxy.request(path)).status, 200, path);
    }
  });

  it("has as many workers as the pod has memory for, and each may open a file for each connection", async () => {
    const text = readFileSync(path.join(BASE, "nginx.conf"), "utf8");
    const numberOf = (directive: string) => Number(new RegExp(`^ *${directive} (.*);`, "m").exec(text)?.[1]);
    const [workers, connections] = [numberOf("worker_processes"), numberOf("worker_connections")];
    const open = proxy.openFilesOfWorkers();
    assert.equal(open.length, workers);
    for (const files of open) assert.ok(files >= connections + OTHER_FILES, `${files}`);
    const [deployment] = parseAllDocuments(readFileSync(path.join(BASE, "proxy.yaml"), "utf8"))
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === "Deployment");
    const [, gigabytes] = /^(\d+)Gi$/.exec(deployment.spec.template.spec.containers[0].resources.limits.memory)!;
    assert.ok(Number(gigabytes) * 2 ** 30 >= workers * connections * BYTES_PER_CONNECTION);
  });

  it("passes on a host with its port, and refuses what is not a host", async () => {
    const [api] = pods.slice(-1);
    api.hosts.length = 0;
    const statusOf = async (host: string) =>
      (await proxy.request("/", { headers: { host }, servername: "localhost" })).status;
    for (const host of ["a^b", "localhost:port", "user@localhost"]) assert.equal(await statusOf(host), 400, host);
    const accepted = ["localhost", `localhost:${proxy.port}`, "[::1]:443"];
    for (const host of accepted) assert.equal(await statusOf(host), 200, host);
    assert.deepEqual(api.hosts, accepted);
  });
});
