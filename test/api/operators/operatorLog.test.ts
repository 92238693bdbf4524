/** The log of what operators did, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { OPERATOR, useApi, useStore } from "../useApi.ts";

const headers = {
  authorization: `Basic ${Buffer.from(`${OPERATOR.user}:${OPERATOR.password}`).toString("base64")}`,
};

describe("the log of operators", () => {
  const use = useApi();

  it("has each kick, ban and lifted ban with operator, player, reason and time, and is published as logs_admin", async () => {
    const api = use();
    const { id } = await api.account("acts@example.com", "Acts");
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const url = `/admin/players/${id}`;
    const replies = [
      await api.ask("POST", `${url}/kick`, { headers, body: { reason: "away" } }),
      await api.ask("PUT", `${url}/ban`, { headers, body: { until, reason: "cheats" } }),
      await api.ask("DELETE", `${url}/ban`, { headers, body: { reason: "appeal" } }),
    ];
    assert.deepEqual(
      replies.map(({ status, text }) => [status, text]),
      [
        [200, '{"kicked":1}'],
        [200, '{"kicked":2}'],
        [204, ""],
      ],
    );
    const { acts } = await api.get(`/admin/log?player=${id}`, { headers });
    const common = { operator: "op", role: "administer", player: id, room: null };
    assert.deepEqual(
      acts.map(({ id: _, at, ...act }: any) => act),
      [
        { ...common, act: "unban", detail: null, reason: "appeal" },
        { ...common, act: "ban", detail: until, reason: "cheats" },
        { ...common, act: "kick", detail: null, reason: "away" },
      ],
    );
    assert.deepEqual(
      api.acts.filter(({ player }) => player === id).map(({ v, act, operator, reason }) => [v, act, operator, reason]),
      [
        [1, "kick", "op", "away"],
        [1, "ban", "op", "cheats"],
        [1, "unban", "op", "appeal"],
      ],
    );
    const older = await api.get(`/admin/log?player=${id}&limit=1&before=${acts[0].id}`, { headers });
    assert.deepEqual(older.acts, [acts[1]]);
  });

  it("has the stop of a process that an operator asked for", async () => {
    const api = use();
    const reply = await api.ask("POST", "/admin/drain", { headers, body: { reason: "update" } });
    assert.deepEqual([reply.status, api.drains], [202, 1]);
    const { acts } = await api.get("/admin/log?limit=1", { headers });
    assert.deepEqual([acts[0].act, acts[0].detail, acts[0].reason], ["drain", "test", "update"]);
  });

  it("is for operators only, and has nothing of an act that was refused", async () => {
    const api = use();
    assert.equal((await api.ask("GET", "/admin/log")).status, 401);
    const until = new Date().toISOString();
    const reply = await api.ask("PUT", "/admin/players/nobody/ban", { headers, body: { until, reason: "cheats" } });
    assert.equal(reply.status, 404);
    assert.deepEqual((await api.get("/admin/log?player=nobody", { headers })).acts, []);
  });
});

describe("an act of an operator", () => {
  const use = useApi();

  it("needs a reason: without one, nothing happens, and the refusal names the field", async () => {
    const api = use();
    const { id } = await api.account("reason@example.com", "Reason");
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const routes: [string, string, object][] = [
      ["POST", `/admin/players/${id}/kick`, {}],
      ["PUT", `/admin/players/${id}/ban`, { until }],
      ["DELETE", `/admin/players/${id}/ban`, {}],
      ["POST", "/admin/drain", {}],
    ];
    for (const [method, url, body] of routes)
      for (const reason of [undefined, null, "", "  ", "\u200b", 5, "x".repeat(201)]) {
        const reply = await api.ask(method, url, { headers, body: { ...body, reason } });
        assert.deepEqual([reply.status, reply.body.code], [400, "INPUT_INVALID"], `${method} ${reason}`);
        assert.match(reply.body.detail, /^body\.reason: /);
      }
    for (const [method, url] of routes.filter(([method]) => method !== "PUT")) {
      const reply = await api.ask(method, url, { headers });
      assert.match(reply.body.detail, /^body\.reason: /, `${method} without a body`);
    }
    assert.deepEqual((await api.get("/admin/log", { headers })).acts, []);
    assert.deepEqual([api.kicked, api.drains], [[], 0]);
  });
});

describe("the table of the log of operators", () => {
  const store = useStore("administrator");

  it("only grows: even its owner cannot change, delete or empty it", async () => {
    for (const statement of [
      "update operator_acts set operator = 'x'",
      "delete from operator_acts",
      "truncate operator_acts",
    ])
      await assert.rejects(store().query(statement), /append-only/);
  });
});
