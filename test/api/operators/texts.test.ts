/** What operators write to players: which texts are accepted, from whom, and what the log of acts has of it. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { OPERATOR_TEXT_LENGTH_MAX } from "../../../schema/operatorMessages.ts";
import type { OperatorRole } from "../../../src/api/operators/Operator.ts";
import { hasRole } from "../../../src/api/operators/Operator.ts";
import type { Operators } from "../../../src/api/operators/Operators.ts";
import { Problem } from "../../../src/api/problems.ts";
import { OPERATOR, TestApi, useApi } from "../useApi.ts";
import { basic } from "./testOperators.ts";

const headers = { authorization: basic(OPERATOR.user, OPERATOR.password) };

describe("what an operator writes to players", () => {
  const use = useApi();
  const player = randomUUID();
  const message = `/admin/players/${player}/message`;
  const post = (url: string, body: object, api = use()) => api.ask("POST", url, { headers, body });

  it("is sent to everyone or to one player, and is in the log of acts", async () => {
    const api = use();
    const replies = [
      await post("/admin/announce", { text: "Stops at noon." }),
      await post("/admin/announce", { text: "Stops\nat one.", reason: "update" }),
      await post(message, { text: "Be kind.", reason: "insults" }),
    ];
    for (const { status, body } of replies) assert.deepEqual([status, body], [200, { processes: 2, clients: 3 }]);
    assert.deepEqual(api.texts, [
      [null, "Stops at noon."],
      [null, "Stops\nat one."],
      [player, "Be kind."],
    ]);
    const { acts } = await api.get("/admin/log?limit=3", { headers });
    const shown = acts.map(({ act, player, detail, reason }: any) => [act, player, detail, reason]);
    assert.deepEqual(shown.reverse(), [
      ["announce", null, "Stops at noon.", null],
      ["announce", null, "Stops\nat one.", "update"],
      ["message", player, "Be kind.", "insults"],
    ]);
  });

  it("is refused without a text that players can see, if it is too long, and to one player without a reason", async () => {
    const api = use();
    const before = api.texts.length;
    const long = "x".repeat(OPERATOR_TEXT_LENGTH_MAX + 1);
    for (const [url, body, field] of [
      ["/admin/announce", {}, "body.text"],
      ["/admin/announce", { text: " \u200b" }, "body.text"],
      ["/admin/announce", { text: long }, "body.text"],
      ["/admin/announce", { text: "x", reason: "" }, "body.reason"],
      [message, { text: long, reason: "x" }, "body.text"],
      [message, { text: "x" }, "body.reason"],
    ] as const) {
      const reply = await post(url, body);
      assert.deepEqual([reply.status, reply.body.code], [400, "INPUT_INVALID"], JSON.stringify(body));
      assert.ok(reply.body.detail.startsWith(field), reply.body.detail);
    }
    assert.equal((await post("/admin/announce", { text: "a\u0000b" })).status, 400);
    assert.equal(api.texts.length, before);
  });

  it("to everyone needs the role administer, and to one player the role moderate", async () => {
    for (const [role, statuses] of [
      ["view", [403, 403]],
      ["moderate", [403, 200]],
      ["administer", [200, 200]],
    ] as const) {
      const api = new TestApi(use().sql, { operators: operatorWith(role) });
      const replies = [
        await post("/admin/announce", { text: "x" }, api),
        await post(message, { text: "x", reason: "x" }, api),
      ];
      assert.deepEqual(
        replies.map(({ status }) => status),
        statuses,
        role,
      );
      await api.publisher.stop();
    }
    assert.equal((await use().ask("POST", "/admin/announce", { body: { text: "x" } })).status, 401);
  });

  it("that may not have reached everyone is answered with 503, and stays in the log", async () => {
    const api = new TestApi(use().sql, { sendText: () => Promise.reject(new Error("no process has answered")) });
    const text = randomUUID();
    const reply = await post("/admin/announce", { text }, api);
    assert.deepEqual([reply.status, reply.body.code], [503, "UNAVAILABLE"]);
    assert.match(reply.body.detail, /only a part of the clients/);
    assert.equal((await api.get("/admin/log?limit=1", { headers })).acts[0].detail, text);
    await api.publisher.stop();
  });
});

function operatorWith(role: OperatorRole): Operators {
  const require: Operators["require"] = async (_request, _address, needed) => {
    const operator = { name: "ana", role };
    if (!hasRole(operator, needed)) throw new Problem("OPERATOR_ROLE");
    return operator;
  };
  return { require } as Operators;
}
