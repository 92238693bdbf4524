/** `/monitor` and `/playground`: who may do what there, what is recorded, and how often one may guess. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Operator, OperatorRole } from "../../../src/api/operators/Operator.ts";
import type { OperatorAct } from "../../../src/api/operators/OperatorLog.ts";
import { Problem } from "../../../src/api/problems.ts";
import { addOperatorTools, type OperatorToolsDeps } from "../../../src/main/api/operatorTools.ts";
import { testOperators } from "./testOperators.ts";

describe("the operators' tools", () => {
  let server: Server;
  let acts: [string, OperatorAct][];
  afterEach(() => server?.close());

  async function serve(operators: OperatorToolsDeps["operators"]) {
    acts = [];
    const app = express();
    const record = async ({ name }: Operator, act: OperatorAct) => void acts.push([name, act]);
    await addOperatorTools(app, { operators, operatorLog: { record }, addressOf: () => "192.0.2.1" });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { connection: "close", ...init.headers } });
  }

  /** Lets everyone in with this role. */
  const withRole = (role: OperatorRole): OperatorToolsDeps["operators"] => ({
    async require(_request, _address, needed) {
      const order = ["view", "moderate", "administer"];
      if (order.indexOf(role) < order.indexOf(needed)) throw new Problem("OPERATOR_ROLE");
      return { name: "ana", role };
    },
  });
  const call = (method: string, more = "") =>
    `/monitor/api/room/call?roomId=r1&method=${method}&args=%5B%22s1%22%5D${more}`;

  it("let `view` look only: pages and rooms, but no call of a room and no profile", async () => {
    const ask = await serve(withRole("view"));
    for (const path of ["/monitor/", "/monitor/api", "/playground/", "/playground/rooms"])
      assert.notEqual((await ask(path)).status, 403, path);
    const acting = [call("_forceClientDisconnect"), call("disconnect"), "/monitor/assets/..%2fapi/room/call?roomId=r1"];
    for (const path of [...acting, "/monitor/api/room/call/", "/monitor/API/room/call"])
      assert.equal((await ask(path)).status, 403, path);
    assert.equal((await ask("/playground/profiling/start", { method: "POST" })).status, 403);
    assert.deepEqual(acts, []);
  });

  it("record each call with room, method and reason; `moderate` may only remove a client", async () => {
    const ask = await serve(withRole("moderate"));
    assert.equal((await ask(call("disconnect"))).status, 403);
    // The tool never answers, because there is no room.
    const asking = ask(call("_forceClientDisconnect", "&reason=insults")).catch(() => null);
    while (acts.length === 0) await new Promise((resolve) => setImmediate(resolve));
    server.closeAllConnections();
    await asking;
    assert.deepEqual(acts, [
      ["ana", { act: "monitor_call", room: "r1", detail: '_forceClientDisconnect ["s1"]', reason: "insults" }],
    ]);
  });

  it("show their data in production too", async () => {
    const ask = await serve(withRole("view"));
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = "production";
    try {
      assert.equal((await ask("/playground/__apidocs")).status, 200);
    } finally {
      if (NODE_ENV === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = NODE_ENV;
    }
  });

  it("limit guesses of the password together, as /admin does", async () => {
    const ask = await serve(testOperators({ admin: { user: "op", password: "operator-password" } }));
    const guess = async (path: string, password: string) =>
      (await ask(path, { headers: { authorization: `Basic ${btoa(`op:${password}`)}` } })).status;
    for (let n = 0; n < 20; n++) assert.equal(await guess(n % 2 ? "/monitor/" : "/playground/", `wrong ${n}`), 401);
    assert.equal(await guess("/monitor/", "wrong"), 429);
    assert.equal(await guess("/playground/", "operator-password"), 429);
  });
});
