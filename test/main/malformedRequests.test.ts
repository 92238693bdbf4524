/** What no client of a game sends, but an attacker does. Each request is refused by itself, and the process continues. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { addPageRoutes } from "../../src/main/api/routes.ts";
import { Host } from "../rooms/Host.ts";
import { sendRaw, UPGRADE } from "./rawRequest.ts";

const PATHS = ["/", "/__healthcheck", "/matchmake/joinOrCreate/arena", "/process/room", "/x?a"];
const HOSTS = [
  ...[
    "[",
    "x:99999",
    "x:1:2",
    "x/monitor/api#",
    "x\\monitor",
    "user:password@x",
    "x y",
    "x?",
    "[::1",
    "999.999.999.999",
  ],
];
const TARGETS = ["*/matchmake/joinOrCreate/arena", "http://[/", "http://x/matchmake/joinOrCreate/arena", "*"];

describe("a malformed request", () => {
  const host = new Host();
  const rejections: unknown[] = [];
  const onRejection = (error: unknown) => void rejections.push(error);
  // Mocha's own listeners would end the run, as the program ends itself.
  let listeners: NodeJS.UnhandledRejectionListener[];
  before(async () => {
    listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", onRejection);
    await host.start();
  });
  after(async () => {
    await host.stop();
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  });

  const send = (method: string, target: string, headers: readonly string[]): Promise<string> =>
    sendRaw(host.running.port, `${method} ${target}`, [...headers, "content-length: 0"]);

  const isRefused = (answer: string) => /^HTTP\/1\.1 400 /.test(answer);

  it("with a Host that is none is refused with 400, for requests and WebSockets", async () => {
    for (const name of HOSTS)
      for (const path of PATHS) {
        assert.ok(isRefused(await send("GET", path, [`host: ${name}`])), `GET ${path} of ${name}`);
        assert.ok(isRefused(await send("POST", path, [`host: ${name}`])), `POST ${path} of ${name}`);
        assert.ok(isRefused(await send("GET", path, [`host: ${name}`, ...UPGRADE])), `upgrade ${path} of ${name}`);
      }
    assert.deepEqual(rejections, []);
  });

  it("with a target that is no path is refused with 400", async () => {
    for (const target of TARGETS)
      for (const headers of [["host: x"], ["host: x", ...UPGRADE]])
        for (const method of ["GET", "POST"])
          assert.ok(isRefused(await send(method, target, headers)), `${method} ${target}`);
    assert.deepEqual(rejections, []);
  });

  it("with a scheme that is none in X-Forwarded-Proto is answered as one without", async () => {
    for (const path of PATHS)
      for (const scheme of ["[", "http://x/monitor/api?#", "https, http"]) {
        const answer = await send("GET", path, ["host: x", `x-forwarded-proto: ${scheme}`]);
        assert.match(answer, /^HTTP\/1\.1 (200|404|405) /, `${path} with ${scheme}`);
      }
    assert.deepEqual(rejections, []);
  });

  it("never reaches routes of the framework", async () => {
    for (const path of ["/__healthcheck", "/__apidocs", "/api/reference"])
      assert.match(await send("GET", path, ["host: x"]), /^HTTP\/1\.1 404 [\s\S]*ROUTE_UNKNOWN/, path);
  });

  it("is accepted with every form of a host that clients send", async () => {
    for (const name of ["play.example.com", "play.example.com:443", "127.0.0.1:2567", "[::1]:2567", "game_1:80", "x."])
      assert.match(await send("GET", "/", [`host: ${name}`]), /^HTTP\/1\.1 (200|503) /, name);
  });
});

describe("the answer to a request for an unknown page", () => {
  const host = new Host();
  before(() =>
    host.start({}, [
      "--frame-ancestors",
      "https://portal.example",
      "--admin-user",
      "a",
      "--admin-password",
      "password-of-a",
    ]),
  );
  after(() => host.stop());
  const paths = [
    "/x",
    "/assets",
    "/assets/..%2f..%2fpackage.json",
    "/%",
    "/%ff",
    "/MONITOR/",
    "/Playground/",
    "/%64ocs",
    "/monitor/x/y",
  ];

  it("is a problem with all security headers, without query, path or stack trace", async () => {
    for (const path of paths) {
      const answer = await fetch(`${host.url}${path}?secret=of-the-query`, { redirect: "manual" });
      const text = await answer.text();
      assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
      assert.equal(answer.headers.get("content-type"), "application/problem+json", path);
      assert.match(
        answer.headers.get("content-security-policy") ?? "",
        /base-uri 'none'.*frame-ancestors 'none'$/,
        path,
      );
      assert.equal(answer.headers.get("x-powered-by"), null);
      assert.doesNotMatch(text, /secret|node_modules| at /, path);
    }
    assert.doesNotMatch(host.logged.join(""), /of-the-query/);
  });

  it("lets pages of FRAME_ANCESTORS show only the game's page", async () => {
    const ancestors = async (path: string) =>
      /frame-ancestors (.*)$/.exec((await fetch(host.url + path)).headers.get("content-security-policy") ?? "")?.[1];
    assert.equal(await ancestors("/"), "https://portal.example");
    for (const path of [...paths, "/docs", "/monitor/", "/playground/", "/readyz"])
      assert.equal(await ancestors(path), "'none'", path);
  });
});

describe("the answer to a request that fails", () => {
  it("is a problem without query or stack trace, and the error is reported with the path only", async () => {
    const reported: string[] = [];
    const app = express();
    app.use("/failing", () => {
      throw new Error("the route fails");
    });
    await addPageRoutes(app, {
      tools: null,
      firstGame: "arena",
      onError: (error, where) => reported.push(`${where}: ${error}`),
    });
    const server = http.createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const answer = await fetch(`http://127.0.0.1:${port}/failing/x?secret=of-the-query`);
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [500, "application/problem+json"]);
      assert.doesNotMatch(await answer.text(), /secret|the route fails|node_modules| at /);
      assert.deepEqual(reported, ["GET /failing/x: Error: the route fails"]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
