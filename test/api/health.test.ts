/** The HTTP routes of a process without players, and the access to the operator's tools. */
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Registry } from "prom-client";
import { createHealthApi } from "../../src/api/createHealthApi.ts";
import { addPageRoutes } from "../../src/main/api/routes.ts";
import { monitoredRooms } from "../../src/main/game/monitoredRooms.ts";
import { addressHider } from "../../src/platform/health/hideAddresses.ts";
import type { Readiness } from "../../src/platform/health/readiness.ts";
import { newQuotas } from "../matchmaking/newQuotas.ts";
import { testOperators } from "./operators/testOperators.ts";

const OPERATORS = testOperators({ admin: { user: "op", password: "operator-password" } });
let server: Server;
afterEach(() => server?.close());

async function listen(listener: RequestListener): Promise<(path: string, authorization?: string) => Promise<Response>> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return (path, authorization) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { connection: "close", ...(authorization !== undefined && { authorization }) },
    });
}

describe("a process without players", () => {
  it("serves health, readiness with problems, metrics and the public live feed by the usual routes, and nothing else", async () => {
    let readiness: Readiness = { ready: true, problems: [], warnings: ["S3_BUCKET: no permission"] };
    let nowMs = 1;
    const api = createHealthApi({
      ...{ metrics: new Registry(), readiness: async () => readiness, monotonicMs: () => nowMs },
      ...{ operators: OPERATORS, hideAddresses: (line: string) => line, corsOrigins: [], trustedProxies: [] },
      quotas: newQuotas(),
      serveLive: (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(),
      onError: (error) => assert.fail(error as Error),
    });
    const get = await listen((request, response) => void api.handle(request, response));
    assert.deepEqual(await (await get("/healthz")).json(), { status: "ok" });
    const ready = await get("/readyz");
    assert.deepEqual([ready.status, await ready.json()], [200, readiness]);
    readiness = { ready: false, problems: ["KAFKA_BROKERS: unavailable"], warnings: [] };
    nowMs += 1000;
    const notReady = await get("/readyz");
    assert.deepEqual([notReady.status, await notReady.json()], [503, readiness]);
    assert.match((await get("/metrics")).headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal((await get("/api/v1/live")).status, 200);
    assert.equal((await get("/api/v1/live?scope=me")).status, 401);
    assert.equal((await get("/api/v1/live?scope=me", "Bearer token")).status, 401);
    const unknown = await get("/api/v1/rankings?mode=duel");
    assert.deepEqual([unknown.status, ((await unknown.json()) as any).code], [404, "ROUTE_UNKNOWN"]);
  });
});

describe("the readiness of a process", () => {
  it("names addresses only to operators, and answers everyone else without them", async () => {
    const warnings = ["DATABASE_URL: no answer from db.internal:5432"];
    const api = createHealthApi({
      ...{ metrics: new Registry(), readiness: async () => ({ ready: true, problems: [], warnings }) },
      ...{ operators: OPERATORS, hideAddresses: addressHider([]), serveLive: null, quotas: null },
      ...{ corsOrigins: [], trustedProxies: [] },
      onError: (error) => assert.fail(error as Error),
    });
    const get = await listen((request, response) => void api.handle(request, response));
    const shown = async (authorization?: string) =>
      ((await (await get("/readyz", authorization)).json()) as Readiness).warnings;
    assert.deepEqual(await shown(), ["DATABASE_URL: no answer from (address)"]);
    assert.deepEqual(await shown(`Basic ${btoa("op:wrong")}`), ["DATABASE_URL: no answer from (address)"]);
    assert.deepEqual(await shown(`Basic ${btoa("op:operator-password")}`), warnings);
  });
});

describe("the routes for monitors", () => {
  it("are not limited, and many requests at the same time cost as much as one", async () => {
    let read = 0;
    let nowMs = 1;
    const metrics = new Registry();
    const readiness = async () => {
      read++;
      return { ready: true, problems: [], warnings: [] };
    };
    const api = createHealthApi({
      ...{
        metrics,
        readiness,
        monotonicMs: () => nowMs,
        serveLive: null,
        quotas: null,
        operators: OPERATORS,
        hideAddresses: (line: string) => line,
        corsOrigins: [],
        trustedProxies: [],
      },
      onError: (error) => assert.fail(error as Error),
    });
    const get = await listen((request, response) => void api.handle(request, response));
    for (let n = 0; n < 700; n++) {
      const { status, headers } = await get(["/healthz", "/readyz", "/metrics"][n % 3]);
      assert.deepEqual([status, headers.get("ratelimit-limit")], [200, null]);
    }
    assert.equal(read, 1);
    nowMs += 1000;
    await get("/readyz");
    assert.equal(read, 2);
  });
});

describe("the operator's tools", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it("are served only to the operator, and to nobody if no operator is configured", async () => {
    const app = express();
    const tools = {
      operators: OPERATORS,
      operatorLog: null,
      rooms: monitoredRooms,
      addressOf: () => "192.0.2.1",
    };
    await addPageRoutes(app, { tools, firstGame: "arena", onError: (error) => assert.fail(error as Error) });
    const get = await listen(app);
    for (const path of ["/monitor/", "/playground/"]) {
      for (const given of [undefined, basic("op:wrong"), basic(":"), "Bearer token", "Basic"]) {
        const refused = await get(path, given);
        assert.equal(refused.status, 401, path);
        assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic realm="operator"/);
      }
      assert.equal((await get(path, basic("op:operator-password"))).status, 200, path);
    }
    server.close();
    const without = express();
    await addPageRoutes(without, { tools: null, firstGame: "arena", onError: (error) => assert.fail(error as Error) });
    const ask = await listen(without);
    for (const path of ["/monitor/", "/playground/"])
      assert.equal((await ask(path, basic("op:operator-password"))).status, 404);
  });
});
