/** The REST API as clients, proxies and shared addresses use it: over real connections, with a real database. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpServer } from "../../src/main/api/HttpServer.ts";
import { TestApi, useApi } from "../api/useApi.ts";
import { sendRequest } from "./sendRequest.ts";

const LIMIT = 16 * 1024;

describe("the REST API over a connection", () => {
  const use = useApi();
  const server = new HttpServer();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let url = "";
  before(async () => {
    server.handlers = [use().api];
    server.pages = (request: IncomingMessage & { body?: string }, response) =>
      void response.end(`the page for ${request.body}`);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const padded = (bytes: number): string => `{}${" ".repeat(bytes - 2)}`;

  it("accepts JSON in chunks, and keeps the connection", async () => {
    const { token } = await use().anonymous();
    const headers = { authorization: `Bearer ${token}` };
    const rename = (chunks: string[]) => sendRequest(`${url}/api/v1/me`, { method: "PATCH", headers, chunks, agent });
    const first = await rename(['{"na', 'me":"Ch', 'unk"}']);
    assert.deepEqual([first.status, first.body.name], [200, "Chunk"]);
    const second = await rename(['{"name":"Chunk 2"}']);
    assert.deepEqual([second.status, second.body.name, second.port], [200, "Chunk 2", first.port]);
  });

  it("accepts an empty body in chunks", async () => {
    const headers = { "transfer-encoding": "chunked" };
    assert.equal((await sendRequest(`${url}/auth/anonymous`, { headers })).status, 200);
  });

  it("accepts chunks up to the limit, and refuses more with 413 as a problem, while the client still sends", async () => {
    const post = (chunks: string[], headers = {}) => sendRequest(`${url}/auth/anonymous`, { chunks, headers });
    assert.equal((await post([padded(LIMIT)])).status, 200);
    const long = await post([padded(LIMIT), " "]);
    assert.deepEqual([long.status, long.body.code, long.headers.connection], [413, "BODY_TOO_LARGE", "close"]);
    assert.equal(long.headers["content-type"], "application/problem+json");
    const length = { "content-length": String(LIMIT + 1) };
    assert.equal((await post([padded(LIMIT + 1)], length)).body.code, "BODY_TOO_LARGE");
    const huge = { "content-length": "100000" };
    assert.equal((await post([padded(100_000)], huge)).body.code, "BODY_TOO_LARGE");
    const endless = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      const request = http.request(`${url}/auth/anonymous`, { method: "POST", headers }, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on("error", reject);
      request.write(padded(LIMIT + 1));
    });
    assert.equal(endless, 413);
  });

  it("passes chunks on to the pages up to a limit too", async () => {
    const post = (chunks: string[]) => sendRequest(`${url}/elsewhere`, { chunks });
    assert.equal((await post(['{"a"', ":1}"])).text, 'the page for {"a":1}');
    assert.equal((await post([padded(64 * 1024), " "])).body.code, "BODY_TOO_LARGE");
  });

  it("refuses what is no JSON as a problem, and logs no error for a body that ends too early", async () => {
    const post = (chunks: string[], headers = {}) => sendRequest(`${url}/auth/login`, { chunks, headers });
    assert.equal((await post(["{"])).body.code, "INPUT_INVALID");
    assert.equal((await post(["{}"], { "content-type": "text/plain" })).body.code, "MEDIA_TYPE_UNSUPPORTED");
    assert.equal((await post(["{}"], { "content-encoding": "gzip" })).body.code, "MEDIA_TYPE_UNSUPPORTED");
    await new Promise<void>((resolve) => {
      const headers = { "content-type": "application/json", "content-length": "50" };
      const request = http.request(`${url}/auth/login`, { method: "POST", headers });
      request.on("error", () => resolve());
      request.write("{", () => request.destroy(new Error("gone")));
    });
    await use().get("/healthz");
    assert.deepEqual(use().failures, []);
  });

  it("keeps idle connections longer than the 60 s for which load balancers reuse them", async () => {
    const { headers } = await sendRequest(`${url}/healthz`, { method: "GET", agent });
    assert.ok(Number(/timeout=(\d+)/.exec(headers["keep-alive"] as string)?.[1]) > 60, String(headers["keep-alive"]));
  });

  it("answers unknown routes below its paths as a problem", async () => {
    for (const path of ["/api/v1/unknown", "/auth/unknown", "/admin/unknown", "/api/v1/players/%zz"]) {
      const { status, body } = await sendRequest(url + path, { method: "GET" });
      assert.deepEqual([status, body?.code], [404, "ROUTE_UNKNOWN"], path);
    }
  });
});

describe("the address of a client", () => {
  const use = useApi();

  /** Number of different addresses as which the requests with these headers are counted. */
  async function countedAs(forwarded: readonly string[], trustedProxies = ["loopback", "10.0.0.0/8"]): Promise<number> {
    const api = new TestApi(use().sql, { limitFactor: 1, trustedProxies });
    const remaining: string[] = [];
    for (const hops of forwarded) {
      const headers = { "x-forwarded-for": hops };
      remaining.push(
        (await api.ask("GET", "/api/v1/seasons", { headers, from: "127.0.0.1" })).headers["ratelimit-remaining"],
      );
    }
    return remaining.filter((left) => left === remaining[0]).length;
  }

  it("is the same with and without a port, brackets, spaces, quotes and hops of trusted proxies", async () => {
    const v4 = [
      "203.0.113.5",
      "203.0.113.5:41234",
      " 203.0.113.5:5 ",
      "203.0.113.5, 10.0.0.7",
      "203.0.113.5:1,10.0.0.7:443",
    ];
    assert.equal(await countedAs([...v4, "::ffff:203.0.113.5", "[::ffff:203.0.113.5]:80"]), 1);
    const v6 = [
      "2001:db8::1",
      "[2001:db8::1]",
      "[2001:db8::1]:41234",
      '"[2001:db8::1]:80"',
      "[2001:db8::2]:80, 10.1.1.1",
    ];
    assert.equal(await countedAs(v6), 1);
  });

  it("does not depend on what the client wrote into the header itself", async () => {
    assert.equal(
      await countedAs(["1.1.1.1, 203.0.113.5:1", "unknown, 203.0.113.5", "203.0.113.5", "a b, 203.0.113.5"]),
      1,
    );
    // What is left of "unknown" is not known either, so each of these counts for the last known hop.
    assert.equal(await countedAs(["203.0.113.5, unknown, 10.0.0.7", "203.0.113.6, unknown, 10.0.0.7"]), 1);
    assert.equal(await countedAs(["203.0.113.5", "203.0.113.6"], []), 1);
  });

  it("differs for different clients behind the same proxies", async () => {
    assert.equal(await countedAs(["203.0.113.5:80, 10.0.0.7", "203.0.113.6:80, 10.0.0.7"]), 2);
  });
});

describe("a school behind one address", () => {
  const use = useApi();
  const withLimits = (limitFactor = 1): TestApi => new TestApi(use().sql, { limitFactor });

  it("signs in, renews tokens and reads without meeting a limit", async () => {
    const api = withLimits();
    const tokens: string[] = [];
    for (let i = 0; i < 40; i++) tokens.push((await api.anonymous()).token);
    for (const token of tokens) {
      assert.equal((await api.ask("POST", "/auth/anonymous", { token, body: {} })).status, 200);
      for (let i = 0; i < 3; i++) assert.equal((await api.ask("GET", "/api/v1/seasons", { token })).status, 200);
    }
    for (let i = 0; i < 35; i++) await api.account(`pupil${i}@example.com`);
    const passwords = { password: "correct horse" };
    for (let i = 0; i < 35; i++) {
      const body = { email: `pupil${i}@example.com`, ...passwords };
      assert.equal((await api.ask("POST", "/auth/login", { body })).status, 200);
    }
  });

  it("is not affected by one of its tokens that floods the server", async () => {
    const api = withLimits(0.1);
    const [flooding, other] = [await api.anonymous(), await api.anonymous()];
    const read = async (token?: string) => await api.ask("GET", "/api/v1/seasons", { token });
    const statuses = new Set<number>();
    for (let i = 0; i < 100; i++) statuses.add((await read(flooding.token)).status);
    assert.deepEqual([...statuses], [200, 429]);
    assert.equal((await read(other.token)).headers["ratelimit-remaining"], "59");
    assert.equal((await read()).status, 200);
  });

  it("is limited as a whole, with and without tokens apart", async () => {
    const api = withLimits(0.1);
    const { token } = await api.anonymous();
    let allowed = 0;
    const signIn = async (given?: string) => await api.ask("POST", "/auth/anonymous", { token: given, body: {} });
    while ((await signIn()).status === 200) allowed++;
    assert.equal(allowed, 50 * 3 - 1);
    assert.equal((await signIn(token)).status, 200);
    assert.equal((await signIn("not.a.token")).status, 429);
    assert.equal((await api.ask("POST", "/auth/anonymous", { body: {}, from: "192.0.2.2" })).status, 200);
  });

  it("may not guess: 30 wrong passwords or taken e-mail addresses a minute, whatever the account", async () => {
    const api = withLimits();
    await api.account("taken@example.com");
    const register = { email: "taken@example.com", password: "correct horse" };
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) {
      const guess = { email: `guess${i}@example.com`, password: "wrong" };
      statuses.push((await api.ask("POST", "/auth/login", { body: guess })).status);
      statuses.push((await api.ask("POST", "/auth/register", { body: register })).status);
    }
    assert.deepEqual(new Set(statuses), new Set([401, 409]));
    const last = await api.ask("POST", "/auth/login", { body: { email: "guess@example.com", password: "wrong" } });
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers["retry-after"]) > 0);
    assert.equal((await api.ask("POST", "/auth/anonymous", { body: {} })).status, 200);
  });
});
