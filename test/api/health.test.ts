/** The HTTP routes of a process without players, and the access to the operator's tools. */
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Registry } from "prom-client";
import { createHealthApi } from "../../src/api/createHealthApi.ts";
import { addPageRoutes } from "../../src/main/api/routes.ts";

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
    let problems: string[] = [];
    const api = createHealthApi({
      ...{ metrics: new Registry(), problems: async () => problems, corsOrigins: [], trustedProxies: [] },
      serveLive: (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(),
      onError: (error) => assert.fail(error as Error),
    });
    const get = await listen((request, response) => void api.handle(request, response));
    assert.deepEqual(await (await get("/healthz")).json(), { status: "ok" });
    assert.deepEqual(await (await get("/readyz")).json(), { ready: true, problems: [] });
    problems = ["KAFKA_BROKERS: unavailable"];
    const notReady = await get("/readyz");
    assert.deepEqual([notReady.status, await notReady.json()], [503, { ready: false, problems }]);
    assert.match((await get("/metrics")).headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal((await get("/api/v1/live")).status, 200);
    assert.equal((await get("/api/v1/live?scope=me")).status, 401);
    assert.equal((await get("/api/v1/live?scope=me", "Bearer token")).status, 401);
    const unknown = await get("/api/v1/rankings?mode=duel");
    assert.deepEqual([unknown.status, ((await unknown.json()) as any).code], [404, "ROUTE_UNKNOWN"]);
  });
});

describe("the operator's tools", () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  it("are served only to the operator, and to nobody if no operator is configured", async () => {
    const app = express();
    await addPageRoutes(app, { user: "op", password: "operator-password" });
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
    await addPageRoutes(without, null);
    const ask = await listen(without);
    for (const path of ["/monitor/", "/playground/"])
      assert.equal((await ask(path, basic("op:operator-password"))).status, 404);
  });
});
