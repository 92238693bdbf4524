/** Operators read and change what games keep about a player. */
import assert from "node:assert/strict";
import { OPERATOR, useApi } from "../useApi.ts";
import { basic } from "./testOperators.ts";

const headers = { authorization: basic(OPERATOR.user, OPERATOR.password) };

describe("the values of a player, for operators", () => {
  const use = useApi();

  it("can be read, written with a version and deleted, and the log names them without what they contain", async () => {
    const api = use();
    const { id } = await api.account("operator-values@example.com", "Valued");
    const url = `/admin/players/${id}/values`;
    const put = async (body: object, key = "arena/coins") => {
      const reply = await api.ask("PUT", `${url}/${key}`, { headers, body: { reason: "lost", ...body } });
      return [reply.status, reply.body.version ?? reply.body.code];
    };
    assert.deepEqual(await put({ value: { secret: 1 } }), [200, 1]);
    assert.deepEqual(await put({ value: 2, version: 0 }), [409, "GAME_CONFLICT"]);
    assert.deepEqual(await put({ value: 2, version: 1 }), [200, 2]);
    assert.deepEqual(await put({ value: "x".repeat(5000) }), [400, "INPUT_INVALID"]);
    assert.deepEqual(await put({}), [400, "INPUT_INVALID"]);
    assert.deepEqual(await put({ value: 1 }, "unknown/coins"), [400, "INPUT_INVALID"]);
    const { values } = await api.get(url, { headers });
    assert.deepEqual(
      values.map(({ game, key, value, version }: any) => [game, key, value, version]),
      [["arena", "coins", 2, 2]],
    );
    const remove = () => api.ask("DELETE", `${url}/arena/coins`, { headers, body: { reason: "again" } });
    assert.equal((await remove()).status, 204);
    assert.equal((await remove()).body.code, "GAME_MISSING");
    const { acts } = await api.get(`/admin/log?player=${id}`, { headers });
    assert.deepEqual(
      acts.map(({ act, detail, reason }: any) => [act, detail, reason]),
      [
        ["delete_value", "arena coins", "again"],
        ["set_value", "arena coins", "lost"],
        ["set_value", "arena coins", "lost"],
      ],
    );
  });

  it("cannot be written for a player who does not exist", async () => {
    const body = { value: 1, reason: "x" };
    const reply = await use().ask("PUT", "/admin/players/bot:1/values/arena/coins", { headers, body });
    assert.deepEqual([reply.status, reply.body.code], [404, "PLAYER_UNKNOWN"]);
  });
});
