/** `/monitor` and `/playground`: who may do what there, what is recorded, and how often one may guess. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Operator, OperatorRole } from "../../../src/api/operators/Operator.ts";
import type { OperatorAct } from "../../../src/api/operators/OperatorLog.ts";
import { Problem } from "../../../src/api/problems.ts";
import type { MonitoredRooms } from "../../../src/main/api/monitorRequests.ts";
import { addOperatorTools, type OperatorToolsDeps } from "../../../src/main/api/operatorTools.ts";
import { basic, testOperators } from "./testOperators.ts";

describe("the operators' tools", () => {
  let server: Server;
  let acts: [string, OperatorAct][];
  let failures: string[];
  let calls: Parameters<MonitoredRooms["call"]>[];
  let kicks: Parameters<MonitoredRooms["kick"]>[];
  /** One room with one client. */
  const rooms: MonitoredRooms = {
    isOpen: async (roomId) => roomId === "r1",
    playerOf: async (_roomId, sessionId) => (sessionId === "s1" ? "p1" : null),
    kick: async (...given) => kicks.push(given) === 1,
    call: async (...given) => void calls.push(given),
  };
  afterEach(() => server?.close());

  async function serve(operators: OperatorToolsDeps["operators"]) {
    acts = [];
    failures = [];
    calls = [];
    kicks = [];
    const app = express();
    const record = async ({ name }: Operator, act: OperatorAct) => void acts.push([name, act]);
    const onError = (error: unknown, where: string) => failures.push(`${where}: ${error}`);
    await addOperatorTools(app, { operators, operatorLog: { record }, rooms, addressOf: () => "192.0.2.1", onError });
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
  const POST = { method: "POST" };
  const call = (method: string, more = "") =>
    `/monitor/api/room/call?roomId=r1&method=${method}&args=%5B%22s1%22%5D${more}`;

  const refusalOf = async (answer: Response) => ({
    status: answer.status,
    ...((await answer.json()) as { code: string }),
  });

  it("let `view` look only: pages and rooms, but no call of a room and no profile", async () => {
    const ask = await serve(withRole("view"));
    for (const path of ["/monitor/", "/monitor/api", "/playground/", "/playground/rooms"])
      assert.notEqual((await ask(path)).status, 403, path);
    const acting = [call("_forceClientDisconnect"), call("disconnect"), "/monitor/assets/..%2fapi/room/call?roomId=r1"];
    for (const path of [...acting, "/monitor/api/room/call/", "/monitor/API/room/call"])
      assert.equal((await ask(path, POST)).status, 403, path);
    assert.equal((await ask("/playground/profiling/start", { method: "POST" })).status, 403);
    assert.deepEqual(acts, []);
  });

  it("record each call with room, method and reason; `moderate` may only remove a client", async () => {
    const ask = await serve(withRole("moderate"));
    assert.equal((await ask(call("disconnect"), POST)).status, 403);
    assert.equal((await ask(call("_forceClientDisconnect", "&reason=insults"), POST)).status, 200);
    assert.deepEqual(acts, [
      [
        "ana",
        { act: "monitor_call", room: "r1", player: "p1", detail: '_forceClientDisconnect ["s1"]', reason: "insults" },
      ],
    ]);
    assert.deepEqual([kicks, calls], [[["r1", "p1"]], []]);
    const again = await ask(call("_forceClientDisconnect", "&reason=insults"), POST);
    assert.equal((await refusalOf(again)).code, "PLAYER_UNKNOWN", "the player has left meanwhile");
  });

  const refuses = async (ask: (path: string, init?: RequestInit) => Promise<Response>, path: string, code: string) => {
    assert.equal((await refusalOf(await ask(path, POST))).code, code, path);
    assert.deepEqual([acts, calls, kicks], [[], [], []], path);
  };

  it("act only by POST: a link can do nothing in the name of an operator", async () => {
    const ask = await serve(withRole("administer"));
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const answer = await ask(call("_forceClientDisconnect", "&reason=x"), { method });
      assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST"], method);
    }
    assert.deepEqual([acts, calls, kicks], [[], [], []]);
  });

  it("refuse a call without a reason, and say how to give one", async () => {
    const ask = await serve(withRole("administer"));
    const blank = ["&reason=", "&reason=%20", "&reason=%E2%80%8B", "&reason=%E3%85%A4%20%EF%BB%BF"];
    for (const more of ["", ...blank]) await refuses(ask, call("disconnect", more), "REASON_REQUIRED");
    assert.match(await (await ask(call("disconnect"), POST)).text(), /Add reason= to the query/);
    await refuses(ask, call("_forceClientDisconnect", `&reason=${"x".repeat(201)}`), "INPUT_INVALID");
  });

  it("refuse what a record would not show: unknown and repeated parameters, and long arguments", async () => {
    const ask = await serve(withRole("administer"));
    const kick = call("_forceClientDisconnect", "&reason=x");
    const padded = kick.replace("?", `?${"a=1&".repeat(1000)}`);
    for (const path of [padded, `${kick}&method=disconnect`, `${kick}&roomId=r2`])
      await refuses(ask, path, "INPUT_INVALID");
    const args = encodeURIComponent(JSON.stringify(["chat", "x".repeat(2000)]));
    const broadcast = (text: string) => `/monitor/api/room/call?roomId=r1&method=broadcast&args=${text}&reason=x`;
    await refuses(ask, broadcast(args), "INPUT_INVALID");
    assert.equal((await ask(broadcast(`${"%20".repeat(520)}[%22chat%22,%20%22hi%22]`), POST)).status, 200);
    assert.equal(acts[0][1].detail, 'broadcast ["chat","hi"]');
  });

  it("call only the methods of the monitor's buttons, with a list of arguments that fit", async () => {
    const ask = await serve(withRole("administer"));
    const calling = (method: string, args: string) =>
      `/monitor/api/room/call?roomId=r1&method=${method}&args=${encodeURIComponent(args)}&reason=x`;
    for (const method of ["_reservedSeats", "reserveReturn", "kick", "constructor", "__proto__", "_editStateProperty"])
      for (const args of ["null", "[]", '["s1"]']) await refuses(ask, calling(method, args), "INPUT_INVALID");
    for (const args of ["null", "{}", '"s1"', "[1]", "[", ""])
      await refuses(ask, calling("_forceClientDisconnect", args), "INPUT_INVALID");
    await refuses(ask, calling("disconnect", "[4000]"), "INPUT_INVALID");
    await refuses(ask, calling("_forceClientDisconnect", '["s2"]'), "PLAYER_UNKNOWN");
    await refuses(ask, calling("disconnect", "[]").replace("r1", "r2"), "ROOM_UNKNOWN");
    assert.equal((await ask(calling("disconnect", "[]"), POST)).status, 200);
    assert.deepEqual(calls, [["r1", "disconnect", []]]);
  });

  it("record every profile, with its interval and the reason", async () => {
    const ask = await serve(withRole("administer"));
    const post = (path: string) => ask(`/playground/profiling/${path}`, { method: "POST" });
    for (const query of ["x=1", "interval=0", "interval=5&interval=6"])
      assert.equal((await post(`start?${query}&reason=lag`)).status, 400);
    for (const path of ["start", "start?interval=1000", "stop", "stop?reason=%20"])
      assert.equal((await refusalOf(await post(path))).code, "REASON_REQUIRED", path);
    assert.equal((await refusalOf(await post(`stop?reason=${"x".repeat(201)}`))).code, "INPUT_INVALID");
    assert.equal(acts.length, 0);
    assert.equal((await post("start?interval=1000&reason=lag")).status, 200);
    assert.equal((await post("stop?reason=lag")).status, 200);
    assert.equal((await ask("/playground/profiling/profile.cpuprofile?v=1")).status, 200);
    await ask("/playground/profiling/report.html?v=1&reason=to%20compare");
    assert.deepEqual(
      acts.map(([, { detail, reason }]) => [detail, reason]),
      [
        ["POST /profiling/start interval=1000", "lag"],
        ["POST /profiling/stop", "lag"],
        ["GET /profiling/profile.cpuprofile", "not asked: a link of the page"],
        ["GET /profiling/report.html", "to compare"],
      ],
    );
  });

  it("report unexpected errors of the sign-in, and of the work, without the query", async () => {
    const failing = () => Promise.reject(new Error("the disk is full"));
    let ask = await serve({ require: failing });
    assert.equal((await ask("/monitor/api?token=secret")).status, 500);
    assert.deepEqual(failures, ["GET /monitor/api: Error: the disk is full"]);
    server.close();
    ask = await serve(withRole("administer"));
    const { call: calling } = rooms;
    rooms.call = failing;
    try {
      assert.equal((await ask(call("broadcast", "&reason=x"), POST)).status, 500);
    } finally {
      rooms.call = calling;
    }
    assert.deepEqual(failures, ["POST /monitor/api/room/call: Error: the disk is full"]);
    assert.equal((await ask(call("broadcast"), POST)).status, 400);
    assert.equal(failures.length, 1, "a refusal is none");
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
      (await ask(path, { headers: { authorization: basic("op", password) } })).status;
    for (let n = 0; n < 20; n++) assert.equal(await guess(n % 2 ? "/monitor/" : "/playground/", `wrong ${n}`), 401);
    assert.equal(await guess("/monitor/", "wrong"), 429);
    assert.equal(await guess("/playground/", "operator-password"), 429);
  });
});
