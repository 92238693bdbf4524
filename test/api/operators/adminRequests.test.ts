/** Requests to `/admin`: who can use up whose limits, what pages of other origins may do, and which forms of the paths exist. */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { GuessLimits } from "../../../src/api/operators/GuessLimits.ts";
import type { RefusedOperator } from "../../../src/api/operators/Operators.ts";
import type { OperatorsFile } from "../../../src/api/operators/OperatorsFile.ts";
import { OPERATOR, TestApi, useStore } from "../useApi.ts";
import { testOperators } from "./testOperators.ts";

const ANA_TOKEN = "x".repeat(43);
const basic = (password: string) => ({ authorization: `Basic ${btoa(`${OPERATOR.user}:${password}`)}` });
const RIGHT = basic(OPERATOR.password);
/** Of an image on a page of another site, in the operator's browser. */
const IMAGE = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };

describe("requests to /admin", () => {
  const store = useStore();
  let refused: RefusedOperator[];
  let api: TestApi;

  beforeEach(() => {
    refused = [];
    const tokenHash = `sha256:${createHash("sha256").update(ANA_TOKEN).digest("hex")}`;
    const operators = testOperators({
      admin: OPERATOR,
      file: { entries: () => [{ name: "ana", role: "view", tokenHash }] } as unknown as OperatorsFile,
      guesses: new GuessLimits({ redis: null, namespace: "" }),
      onRefused: (one) => refused.push(one),
    });
    api = new TestApi(store(), { limitFactor: 1, operators });
  });
  afterEach(() => api.publisher.stop());

  const read = (headers: Record<string, string>) => api.ask("GET", "/admin/log", { headers });
  const ban = () => {
    const body = { until: new Date(Date.now() + 60_000).toISOString(), reason: "cheats" };
    return api.ask("PUT", `/admin/players/${randomUUID()}/ban`, { headers: RIGHT, body });
  };

  it("without credentials use up nobody's limit", async () => {
    for (let n = 0; n < 50; n++) assert.equal((await read({})).status, 401);
    assert.equal((await ban()).status, 200);
  });

  it("from pages of other sites neither use up a limit nor reveal which password is right", async () => {
    for (let n = 0; n < 30; n++)
      for (const more of [{}, basic(`wrong ${n}`), RIGHT]) {
        const { status, body, headers } = await read({ ...IMAGE, ...more });
        assert.deepEqual([status, body.code, headers["www-authenticate"]], [403, "CROSS_SITE", undefined]);
      }
    assert.equal((await ban()).status, 200);
  });

  it("with wrong credentials use up only the limit of guesses, also of an operator who shares the address", async () => {
    assert.equal((await ban()).status, 200);
    for (let n = 0; n < 20; n++) assert.equal((await read(basic(`wrong ${n}`))).status, 401);
    assert.equal((await read(basic("wrong"))).status, 429);
    for (let n = 0; n < 20; n++) assert.equal((await read({ authorization: `Bearer ${ANA_TOKEN}` })).status, 200);
  });

  it("are limited for each operator, and each refusal is reported", async () => {
    const reply = await read(RIGHT);
    assert.deepEqual([reply.headers["ratelimit-limit"], reply.headers["ratelimit-remaining"]], ["20", "19"]);
    for (let n = 1; n < 20; n++) assert.equal((await read(RIGHT)).status, 200);
    assert.deepEqual(refused, []);
    const limited = await read(RIGHT);
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers["retry-after"]) > 0);
    const route = "GET /admin/log";
    assert.deepEqual(refused, [{ address: "192.0.2.1", operator: OPERATOR.user, route, code: "TOO_MANY_REQUESTS" }]);
    assert.equal((await read({ authorization: `Bearer ${ANA_TOKEN}` })).status, 200);
  });

  it("exist only in one form: a proxy could not close a path that has others", async () => {
    const forms = [
      "/%61dmin/log",
      "/admin/%6cog",
      "/admin/lo%67",
      "/admin/log#x",
      "/admin/log%23",
      "/admin%2flog",
      "/admin/log/",
    ];
    for (const form of [...forms, "/%2561dmin/log", "//admin/log", "/admin//log", "/admin/./log", "/ADMIN/log"]) {
      const { status, body } = await api.ask("GET", form, { headers: RIGHT });
      assert.deepEqual([status, body.code], [404, "ROUTE_UNKNOWN"], form);
    }
    for (const form of ["/%61pi/v1/rankings?mode=duel", "/r%65adyz", "/metric%73"])
      assert.equal((await api.ask("GET", form)).status, 404, form);
    const id = randomUUID().replaceAll("-", "%2d");
    const reply = await api.ask("POST", `/admin/players/${id}/kick`, { headers: RIGHT, body: { reason: "insults" } });
    assert.equal(reply.status, 200, "a parameter may be encoded");
  });

  it("permit nothing to pages of other origins, whatever CORS_ORIGINS says", async () => {
    const permissions = (headers: Readonly<Record<string, string>>) =>
      Object.keys(headers).filter((name) => name.startsWith("access-control-"));
    const origin = "https://evil.example";
    const preflight = {
      origin,
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    };
    const asked = await api.ask("OPTIONS", "/admin/log", { headers: preflight });
    assert.deepEqual([asked.status, asked.headers.allow, permissions(asked.headers)], [405, "GET", []]);
    for (const headers of [{ origin }, { ...RIGHT, origin }, RIGHT, { ...RIGHT, origin: "http://localhost" }])
      assert.deepEqual(permissions((await read(headers)).headers), []);
    assert.equal((await read(RIGHT)).headers["cross-origin-resource-policy"], "same-origin");
  });
});
