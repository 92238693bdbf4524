/** The REST routes of a studio's game: they are as safe as the platform's own, whatever their handlers do. */
import assert from "node:assert/strict";
import * as z from "zod";
import { gameRoutes } from "../../src/api/gameRoutes.ts";
import { openApiDocument } from "../../src/api/openApiDocument.ts";
import { defineBackend } from "../../src/game/Backend.ts";
import { type GameRoute, gameRoute, RouteRefusal } from "../../src/game/GameRoute.ts";
import { basic } from "./operators/testOperators.ts";
import { OPERATOR, TestApi, useStore } from "./useApi.ts";

const ctf = { name: "ctf" };
const ok = z.object({ ok: z.boolean() });
const base = {
  method: "GET",
  path: "/x",
  summary: "x",
  auth: "none",
  answer: ok,
  handle: async () => ({ ok: true }),
} as const;

const routes = [
  gameRoute({
    ...{ method: "POST", path: "/shop/:item", summary: "Buy an item", auth: "player" },
    params: z.object({ item: z.enum(["hat", "cape"]) }),
    body: z.strictObject({ price: z.int().min(0).max(100) }),
    answer: z.object({ item: z.string(), bought: z.int(), by: z.string() }),
    async handle({ params: { item }, body: { price }, player, store }) {
      if (price === 13) throw new RouteRefusal("conflict", "The shop does not like this price.");
      const bought = Number((await store.get(player.id, item))?.value ?? 0) + 1;
      await store.set(player.id, item, bought);
      return { item, bought, by: player.id, secret: "not declared" };
    },
  }),
  gameRoute({
    ...{ method: "GET", path: "/news", summary: "Read the news", auth: "none" },
    query: z.strictObject({ page: z.string().regex(/^\d$/) }),
    answer: z.object({ page: z.string(), signedIn: z.boolean() }),
    handle: async ({ query: { page }, player }) => ({ page, signedIn: player !== null }),
  }),
  gameRoute({ ...base, path: "/wrong", handle: async () => ({ ok: "yes" as never }) }),
  gameRoute({ ...base, path: "/hangs", handle: () => new Promise<never>(() => {}) }),
  gameRoute({
    ...base,
    path: "/throws/:how",
    params: z.object({ how: z.string() }),
    handle({ params: { how } }) {
      if (how === "refusal") throw Object.assign(new Error("secret"), { refusal: "SERVER_BUSY" });
      if (how === "code") throw Object.assign(new Error("secret"), { code: "22021" });
      if (how === "text") throw "secret";
      if (how === "missing") throw new RouteRefusal("missing", "No such thing.");
      throw new Error("secret of the database");
    },
  }),
];

describe("the routes of a game", () => {
  const store = useStore();
  let api: TestApi;
  before(() => {
    api = new TestApi(store(), { backends: [defineBackend(ctf, { routes })] });
  });
  after(() => api.publisher.stop());
  beforeEach(() => {
    api.failures.length = 0;
  });

  it("get checked inputs, the player of the token and the game's own values", async () => {
    const { id, token } = await api.account("shop@example.com", "Shopper");
    const buy = (item: string, body: unknown) => api.ask("POST", `/api/v1/games/ctf/shop/${item}`, { token, body });
    assert.deepEqual((await buy("hat", { price: 5 })).body, { item: "hat", bought: 1, by: id });
    assert.deepEqual((await buy("hat", { price: 5 })).body, { item: "hat", bought: 2, by: id });
    for (const [item, body, field] of [
      ["shoe", { price: 5 }, "path.item"],
      ["hat", { price: 101 }, "body.price"],
      ["hat", { price: 5, more: 1 }, "body"],
      ["hat", undefined, "body.price"],
    ] as const) {
      const reply = await buy(item, body);
      assert.deepEqual([reply.status, reply.body.code], [400, "INPUT_INVALID"]);
      assert.ok(reply.body.detail.startsWith(field), reply.body.detail);
    }
    const { values } = await api.get("/api/v1/me/export", { token });
    assert.deepEqual(
      values.map(({ game, key, value }: any) => [game, key, value]),
      [["ctf", "hat", 2]],
    );
  });

  it("need a token if they say so, and refuse banned players", async () => {
    const url = "/api/v1/games/ctf/shop/hat";
    const { id, token } = await api.anonymous();
    assert.equal((await api.ask("POST", url, { body: { price: 1 } })).body.code, "TOKEN_MISSING");
    assert.equal((await api.ask("POST", url, { token, body: { price: 1 } })).status, 200);
    const headers = { authorization: basic(OPERATOR.user, OPERATOR.password) };
    const body = { until: new Date(Date.now() + 60_000).toISOString(), reason: "cheats" };
    assert.equal((await api.ask("PUT", `/admin/players/${id}/ban`, { headers, body })).status, 200);
    assert.equal((await api.ask("POST", url, { token, body: { price: 1 } })).body.code, "BANNED");
    assert.deepEqual(await api.get("/api/v1/games/ctf/news?page=1", { token }), { page: "1", signedIn: false });
  });

  it("are found under their own paths and methods only, with the limits of the platform's routes", async () => {
    const reply = await api.ask("GET", "/api/v1/games/ctf/news?page=1");
    assert.equal(reply.headers["ratelimit-limit"] !== undefined, true);
    assert.equal((await api.ask("GET", "/api/v1/games/ctf/news?page=1&x=1")).status, 400);
    assert.equal((await api.ask("GET", "/api/v1/games/tag/news?page=1")).body.code, "ROUTE_UNKNOWN");
    const wrong = await api.ask("PUT", "/api/v1/games/ctf/news", { body: {} });
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, "GET"]);
    const limited = new TestApi(store(), { backends: [defineBackend(ctf, { routes })], limitFactor: 0.05 });
    const { token } = await limited.anonymous();
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++)
      statuses.push((await limited.ask("POST", "/api/v1/games/ctf/shop/hat", { token, body: { price: 1 } })).status);
    assert.deepEqual(statuses, [200, 200, 200, 429]);
    await limited.publisher.stop();
  });

  it("refuse with a problem of their own", async () => {
    const { token } = await api.anonymous();
    const refused = await api.ask("POST", "/api/v1/games/ctf/shop/hat", { token, body: { price: 13 } });
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.detail],
      [409, "GAME_CONFLICT", "The shop does not like this price."],
    );
    const missing = await api.ask("GET", "/api/v1/games/ctf/throws/missing");
    assert.deepEqual([missing.status, missing.body.code], [404, "GAME_MISSING"]);
    assert.deepEqual(api.failures, []);
  });

  it("that fail answer 500 and reveal nothing, and the error is reported with the route", async () => {
    for (const how of ["error", "refusal", "code", "text"]) {
      const reply = await api.ask("GET", `/api/v1/games/ctf/throws/${how}`);
      assert.deepEqual([reply.status, reply.body.code], [500, "INTERNAL"], how);
      assert.doesNotMatch(reply.text, /secret/);
    }
    const wrong = await api.ask("GET", "/api/v1/games/ctf/wrong");
    assert.deepEqual([wrong.status, wrong.body.code], [500, "INTERNAL"]);
    const reported = api.failures.map((error) => (error as Error).message);
    assert.equal(reported[0], "the game's route GET /api/v1/games/ctf/throws/:how failed: secret of the database");
    assert.match(
      reported[4],
      /^the game's route GET \/api\/v1\/games\/ctf\/wrong failed: its answer does not have the declared shape: answer\.ok/,
    );
  });

  it("that do not answer are given up", async () => {
    const [spec] = gameRoutes(store(), [defineBackend(ctf, { routes: [routes[3]] })], [], 20);
    const context = { params: undefined, query: {}, body: undefined, session: null } as never;
    await assert.rejects(
      spec.handle(context),
      /GET \/api\/v1\/games\/ctf\/hangs failed: it has not answered within 0.02 s/,
    );
  });

  it("are in the OpenAPI document", async () => {
    const { paths } = await api.get("/openapi.json");
    const { post } = paths["/api/v1/games/ctf/shop/{item}"];
    assert.equal(post.summary, "Buy an item");
    assert.deepEqual(post.security, [{ bearer: [] }]);
    assert.deepEqual(Object.keys(post.responses).sort(), [
      "200",
      "400",
      "401",
      "403",
      "404",
      "409",
      "413",
      "415",
      "429",
      "503",
    ]);
  });
});

describe("the ids of operations in the OpenAPI document", () => {
  it("differ, also if two paths have the same letters", () => {
    const backends = ["ctf", "ctf2"].map((name) => defineBackend({ name }, { routes: [gameRoute(base)] }));
    const { paths } = openApiDocument(gameRoutes(null as never, backends, []), "1");
    const ids = Object.values(paths!).map(({ get }) => get!.operationId);
    assert.deepEqual(ids, ["getApiVGamesCtfX", "getApiVGamesCtfX2"]);
  });
});

describe("the declaration of a game's route", () => {
  const problem = (route: unknown, ...more: unknown[]) => {
    try {
      gameRoutes(null as never, [defineBackend(ctf, { routes: [route, ...more] as GameRoute[] })], []);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("is checked at the start: the error names the route and what was expected", () => {
    assert.equal(problem(base), "");
    const at = "ctf: route GET /x (routes[0]): ";
    for (const [change, expected] of [
      [{ method: "HEAD" }, "ctf: route HEAD /x (routes[0]): invalid method: expected GET, POST, PUT, PATCH, DELETE"],
      [{ summary: " " }, `${at}summary is missing: expected a text that says what the route does`],
      [{ auth: "admin" }, `${at}invalid auth: expected "player" or "none"`],
      [{ handle: 1 }, `${at}handle is not a function: expected handle({ params, query, body, player, store })`],
      [{ answer: {} }, `${at}answer is no zod schema: expected the schema of the answer`],
      [{ body: z.object({}) }, `${at}GET has no body: use query, or POST`],
      [{ query: z.string() }, `${at}query is no zod object: expected z.object({ … })`],
      [{ params: z.object({ a: z.string() }) }, `${at}params has [a], the path has []: expected the same names`],
      [
        { answers: ok },
        `${at}unknown field "answers": expected method, path, summary, auth, params, query, body, answer, handle`,
      ],
    ] as const)
      assert.equal(problem({ ...base, ...change }), expected);
    for (const path of [
      "",
      "/",
      "x",
      "/x/",
      "//x",
      "/X",
      "/%61",
      "/../me",
      "/a.b",
      "/:1",
      "/:a_b",
      `/${"x".repeat(100)}`,
    ])
      assert.match(problem({ ...base, path }), /invalid path: expected parts of lower-case letters/, path);
    assert.equal(
      problem({ ...base, path: "/:a" }),
      "ctf: route GET /:a (routes[0]): params has [], the path has [a]: expected the same names",
    );
    const params = z.object({ a: z.string() });
    assert.match(problem({ ...base, path: "/:a/:a", params }), /two parameters of the path have one name/);
    assert.match(
      problem({ ...base, path: "/:a", params }, { ...base, path: "/:b", params: z.object({ b: z.string() }) }),
      /^ctf: route GET \/:b \(routes\[1\]\): another route has this method and path/,
    );
    assert.equal(problem(null), "ctf: routes[0] is no route: expected a result of gameRoute");
    const undescribed =
      /^ctf: route GET \/api\/v1\/games\/ctf\/x: the OpenAPI document cannot describe its schemas: .*\. Use schemas that JSON Schema can express/;
    assert.match(problem({ ...base, answer: z.map(z.string(), z.string()) }), undescribed);
    assert.match(
      problem({ ...base, path: "/fine" }, { ...base, answer: ok.extend({ a: ok.meta({ id: "Problem" }) }) }),
      undescribed,
    );
  });
});
