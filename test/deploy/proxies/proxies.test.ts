/** The examples for nginx and HAProxy, run by the real programs in front of a real process. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findFreePort } from "../../../tools/services/ports.ts";
import { OPERATOR, Program } from "../../chaos/Program.ts";
import { commentedRules, ProxyUnderTest, type Reply, UPGRADE } from "./ProxyUnderTest.ts";
import { StoppingProcess } from "./StoppingProcess.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const SECRET = "a-token-in-a-query";
/** What clients at one address may do: with the factor 1, the 31st sign-in within a minute is refused. */
const SIGN_INS = 30;
const AUTH = `${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`;
/** As clients can write them. A proxy and the program may read such a path differently. */
const OPERATORS_PATHS = [
  ...["/admin/log", "/monitor", "/monitor/", "/monitor/api", "/playground/rooms"],
  ...["/%61dmin/log", "/admin%2flog", "/%6donitor/api", "/%70layground/rooms", "/%2561dmin/log", "/Admin/log"],
  ...["//admin/log", "/x/../admin/log", "/x/%2e%2e/admin/log", "/./admin/log", "/admin/./log", "/admin;x/log"],
];
const UNDER_A_PORT = [
  "/admin/log",
  "/monitor/api",
  "/playground/rooms",
  "/%61dmin/log",
  "//admin/log",
  "/x/../admin/log",
];

describe("the proxy examples", function () {
  this.timeout(900_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-proxies-"));
  const ports: number[] = [];
  let program: Program;

  let stopping: StoppingProcess;

  /** TLS, plain, the process that is stopping, and two that do not run. */
  before(async () => {
    while (ports.length < 5) ports.push(await findFreePort(ports));
    program = await Program.start({
      dataDir,
      env: {
        ...OPERATOR,
        PUBLIC_ADDRESS: `localhost:${ports[0]}/{port}`,
        // The proxy, and clients in a network of its own.
        TRUSTED_PROXIES: "127.0.0.1,127.0.9.0/24",
        ADDRESS_LIMIT_FACTOR: "1",
      },
    });
    stopping = await StoppingProcess.start(ports[2], program.port);
  });
  after(async () => {
    stopping.stop();
    await program.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** The example with these ports of the four processes. */
  const onPorts = (processes: readonly number[]): [string, string][] => {
    const [tls, plain] = ports;
    return [
      ["listen [::]:443 ssl http2;", ""],
      ["listen [::]:80;", ""],
      ["listen 443", `listen 127.0.0.1:${tls}`],
      ["listen 80", `listen 127.0.0.1:${plain}`],
      ["bind :443", `bind 127.0.0.1:${tls}`],
      ["bind :80", `bind 127.0.0.1:${plain}`],
      ...processes.map((port, n): [string, string] => [String(2567 + n), String(port)]),
    ];
  };

  const examples = [
    { name: "nginx", file: "deploy/proxies/nginx.conf", run: "nginx" },
    { name: "HAProxy", file: "deploy/proxies/haproxy.cfg", run: "haproxy" },
  ] as const;

  for (const [at, { name, file, run }] of examples.entries()) {
    describe(`for ${name}`, () => {
      let proxy: ProxyUnderTest;
      let refusedBefore = 0;
      before(async () => {
        refusedBefore = stopping.refused;
        proxy = await ProxyUnderTest.start(ports[0], {
          file,
          run,
          replace: onPorts([program.port, ...ports.slice(2)]),
        });
      });
      after(() => proxy.stop());

      const join = async (from: object): Promise<Reply> => {
        const { token } = JSON.parse((await signIn(from)).text);
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const target = `/matchmake/joinOrCreate/arena?token=${SECRET}`;
        return post(target, { ...from, headers }, JSON.stringify({ mode: "duel", role: 0 }));
      };
      const post = (target: string, options: object, body = "") =>
        proxy.request(target, { method: "POST", ...options }, body);
      const signIn = (options: object) => post("/auth/anonymous", options);
      /** Each example has clients of its own. */
      const client = (n: number) => ({ localAddress: `127.0.${at + 1}.${n}` });

      it("passes on the client's address: the 31st player behind it is not refused", async () => {
        for (let n = 1; n <= SIGN_INS + 1; n++) assert.equal((await signIn(client(n))).status, 200, `player ${n}`);
      });

      it("does not pass on an address that the client claims", async () => {
        for (const from of [client(100), { localAddress: `127.0.9.${at + 1}` }]) {
          const statuses: number[] = [];
          for (let n = 0; n <= SIGN_INS; n++) {
            const claimed = { "x-forwarded-for": `203.0.113.${n}` };
            statuses.push((await signIn({ ...from, headers: claimed })).status);
          }
          const accepted = statuses.filter((status) => status === 200).length;
          assert.deepEqual([accepted, statuses.at(-1)], [SIGN_INS, 429], from.localAddress);
        }
      });

      it("leads the WebSocket to the process that hosts the room, and logs no token", async () => {
        const reply = await join(client(101));
        assert.equal(reply.status, 200, reply.text);
        const { publicAddress, processId, roomId, sessionId } = JSON.parse(reply.text);
        assert.equal(publicAddress, `localhost:${ports[0]}/${program.port}`);
        const query = `sessionId=${sessionId}&_authToken=${SECRET}`;
        const message = await proxy.firstMessage(`${publicAddress}/${processId}/${roomId}?${query}`);
        assert.ok(message.length > 0);
      });

      it("sends a join to another process if the first one is stopping", async () => {
        for (let n = 1; n <= 6; n++) assert.equal((await join(client(110 + n))).status, 200);
        assert.ok(stopping.refused > refusedBefore);
      });

      it("passes on an event stream while it is open", async () => {
        assert.ok((await proxy.firstChunk(`/api/v1/live?lastEventId=1-1&token=${SECRET}`)).length > 0);
      });

      it("tells the program that the client used TLS, and hides what is for operators' tools only", async () => {
        const page = await proxy.request("/healthz");
        assert.equal(page.status, 200);
        assert.equal(page.headers["strict-transport-security"], "max-age=31536000");
        for (const target of ["/metrics", "/%6detrics", "/metrics/", "//metrics", "/x/../metrics", "/%2e/metrics"])
          assert.equal((await proxy.request(target)).status, 404, target);
        for (const target of ["/readyz", "/read%79z"]) assert.equal((await proxy.request(target)).status, 404, target);
      });

      it("leads to a process by its port only WebSockets, so none of the operators' requests", async () => {
        assert.equal((await proxy.request("/admin/log", { auth: AUTH })).status, 200);
        const room = `/${program.port}/process/room`;
        const others = [
          ...["GET", "HEAD", "POST", "PUT", "DELETE"].map((method) => ({ method })),
          ...["HEAD", "POST"].map((method) => ({ method, headers: UPGRADE })),
          { headers: { ...UPGRADE, upgrade: "h2c" } },
        ];
        const targets = [room, ...UNDER_A_PORT.map((target) => `/${program.port}${target}`)];
        targets.push(`/%3${String(program.port)[0]}${String(program.port).slice(1)}/admin/log`);
        for (const target of targets)
          for (const options of others) {
            const { status } = await proxy.request(target, { auth: AUTH, ...options });
            assert.equal(status, 404, `${JSON.stringify(options)} ${target}`);
          }
        // nginx makes a WebSocket of this request, and HAProxy does not.
        const halfUpgrade = { auth: AUTH, headers: { ...UPGRADE, connection: "close" } };
        const { status } = await proxy.request(`/${program.port}/admin/log`, halfUpgrade);
        assert.equal(status, run === "nginx" ? 101 : 404);
      });

      if (run === "nginx")
        it("says how many connections a worker needs, and lets it open a file for each", () => {
          const [, connections] = /worker_connections (\d+)/.exec(readFileSync(path.join(root, file), "utf8"))!;
          assert.ok(Number(connections) > 10_000);
          for (const files of proxy.openFilesOfWorkers()) assert.ok(files > Number(connections), `${files}`);
        });

      it("logs no query string, not even of a request that fails", async () => {
        const target = `/${ports[3]}/process/room?_authToken=${SECRET}`;
        assert.ok([502, 503].includes((await proxy.request(target, { headers: UPGRADE })).status));
        await proxy.request(`/no-such-path?token=${SECRET}`, { headers: { referer: `https://localhost/?${SECRET}` } });
        await proxy.untilLogged("/no-such-path");
        assert.match(proxy.logged(), /POST \/matchmake\/joinOrCreate\/arena 200/);
        assert.doesNotMatch(proxy.logged(), new RegExp(SECRET));
      });
    });

    describe(`for ${name}, with the rules that its comments contain`, () => {
      let proxy: ProxyUnderTest;
      before(async () => {
        const rules = commentedRules(file);
        assert.ok(rules.length > 0);
        proxy = await ProxyUnderTest.start(ports[0], {
          file,
          run,
          replace: [...rules, ["10.0.0.0/8", "127.0.8.0/24"], ...onPorts([program.port, ...ports.slice(2)])],
        });
      });
      after(() => proxy.stop());

      it("shows the operators' paths only to the internal network, however they are written", async () => {
        assert.equal((await proxy.request("/healthz")).status, 200);
        const reached: string[] = [];
        for (const target of [...OPERATORS_PATHS, ...UNDER_A_PORT.map((one) => `/${program.port}${one}`)]) {
          const { status } = await proxy.request(target, { auth: AUTH });
          if (![400, 403, 404].includes(status)) reached.push(`${target} ${status}`);
        }
        assert.deepEqual(reached, []);
        assert.equal((await proxy.request("/admin/log", { auth: AUTH })).status, 403);
        const internal = { auth: AUTH, localAddress: "127.0.8.1" };
        for (const target of ["/admin/log", "/monitor/api"])
          assert.equal((await proxy.request(target, internal)).status, 200, target);
      });
    });

    describe(`for ${name}, without the lines of the other ports`, () => {
      const othersLines = readFileSync(path.join(root, file), "utf8")
        .split("\n")
        .filter((line) => /^ *server .*\b(2568|2569|2570)\b/.test(line));
      let proxy: ProxyUnderTest;
      before(async () => {
        const without = othersLines.map((line): [string, string] => [`${line}\n`, ""]);
        proxy = await ProxyUnderTest.start(ports[0], { file, run, replace: [...without, ...onPorts([program.port])] });
      });
      after(() => proxy.stop());

      it("leads a WebSocket without the port in its path to the only process", async () => {
        assert.ok(othersLines.length >= 6);
        const { text } = await proxy.request("/auth/anonymous", {
          method: "POST",
          localAddress: `127.0.${at + 1}.200`,
        });
        const headers = { authorization: `Bearer ${JSON.parse(text).token}`, "content-type": "application/json" };
        const body = JSON.stringify({ mode: "duel", role: 0 });
        const join = await proxy.request("/matchmake/joinOrCreate/arena", { method: "POST", headers }, body);
        const { processId, roomId, sessionId } = JSON.parse(join.text);
        const address = `localhost:${ports[0]}/${processId}/${roomId}?sessionId=${sessionId}`;
        assert.ok((await proxy.firstMessage(address)).length > 0);
      });
    });

    describe(`for ${name}, while all processes are full`, () => {
      const full: StoppingProcess[] = [];
      let proxy: ProxyUnderTest;
      before(async () => {
        const taken = [...ports, program.port];
        for (let n = 0; n < 4; n++) {
          taken.push(await findFreePort(taken));
          full.push(await StoppingProcess.start(taken.at(-1)!, program.port));
        }
        proxy = await ProxyUnderTest.start(ports[0], { file, run, replace: onPorts(taken.slice(-4)) });
      });
      after(async () => {
        await proxy.stop();
        for (const process of full) process.stop();
      });

      it("refuses joins with the answer of a process, and still serves every other request", async () => {
        for (let n = 0; n < 3; n++) {
          const join = await proxy.request("/matchmake/joinOrCreate/arena", { method: "POST" }, "{}");
          assert.deepEqual([join.status, join.text], [503, '{"code":"SHUTTING_DOWN"}']);
        }
        for (let n = 0; n < full.length; n++) assert.equal((await proxy.request("/healthz")).status, 200);
        assert.ok(full.every(({ refused }) => refused > 0));
      });

      it("passes on a host with its port, and refuses what is not a host", async () => {
        const join = (host: string) =>
          proxy.request("/matchmake/joinOrCreate/arena", {
            method: "POST",
            headers: { host },
            servername: "localhost",
          });
        const accepted = ["localhost", `localhost:${ports[0]}`, "127.0.0.1:443", "[::1]:443"];
        const statuses = async (hosts: readonly string[]) => {
          const all: number[] = [];
          for (const host of hosts) all.push((await join(host)).status);
          return [...new Set(all)];
        };
        for (const { hosts } of full) hosts.length = 0;
        assert.deepEqual(
          await statuses(["a^b", "localhost:port", "user@localhost", "local|host", "localhost:123456"]),
          [400],
        );
        assert.deepEqual(await statuses(accepted), [503]);
        assert.deepEqual(new Set(full.flatMap(({ hosts }) => hosts)), new Set(accepted));
      });
    });
  }
});
