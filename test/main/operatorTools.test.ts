/** `/monitor` and `/playground` of a running program: requests whose headers lie, pages of other sites, and what players notice. */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";

const WITHIN_MS = 240_000;
const FOREIGN = "https://evil.example";
const VIEW_TOKEN = "an-operator-who-only-looks";
const view = { authorization: `Bearer ${VIEW_TOKEN}` };
const administer = { authorization: `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`)}` };

describe("the operators' tools of a program", function () {
  this.timeout(900_000);
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-tools-"));
  const file = path.join(directory, "operators.json");
  let program: Program;
  let client: Client;
  let room: Room<any, any>;
  const messages: unknown[] = [];

  before(async () => {
    const tokenHash = `sha256:${createHash("sha256").update(VIEW_TOKEN).digest("hex")}`;
    writeFileSync(file, JSON.stringify({ operators: [{ name: "ana", role: "view", tokenHash }] }));
    const env = { ...OPERATOR, OPERATORS_FILE: file, LOG_LEVEL: "warn", CORS_ORIGINS: "*" };
    program = await Program.start({ dataDir: path.join(directory, "data"), env });
    await program.untilHealthy(WITHIN_MS);
    client = new Client(program.url);
    await client.auth.signInAnonymously();
    const seat = (await client.http.post<any>("/matchmake/joinOrCreate/arena", { body: { mode: "duel" } })).data;
    room = await client.consumeSeatReservation<any>(seat);
    room.reconnection.enabled = false;
    room.onMessage("*", (type) => void messages.push(type));
  });
  after(async () => {
    await program?.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = (route: string, headers: Record<string, string>, method = "GET") =>
    fetch(`${program.url}${route}`, { method, headers, redirect: "manual" });
  const acts = async () => (await (await ask("/admin/log", administer)).json()).acts as Record<string, unknown>[];
  const call = (method: string, args: unknown[], more = "&reason=insults") =>
    `/monitor/api/room/call?roomId=${room.roomId}&method=${method}&args=${encodeURIComponent(JSON.stringify(args))}${more}`;

  /** Sends headers that `fetch` refuses, and resolves to the whole answer. */
  async function raw(lines: string[]): Promise<string> {
    const socket = connect(program.port, "127.0.0.1").setEncoding("utf8");
    let answer = "";
    socket.on("data", (text) => (answer += text));
    socket.write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`);
    await once(socket, "close");
    return answer;
  }

  it("do what was judged, whatever Host and X-Forwarded-Proto say", async () => {
    const hidden = `x${call("_forceClientDisconnect", [room.sessionId])}`;
    const authorization = `Authorization: ${view.authorization}`;
    const lies = [
      [`Host: ${hidden}#`],
      [`Host: ${hidden.replaceAll("/", "\\")}#`],
      [`X-Forwarded-Proto: http://${hidden}#`, "Host: x"],
    ];
    for (const lie of lies) {
      const answer = await raw(["GET /monitor/api HTTP/1.1", ...lie, authorization]);
      assert.match(answer, /^HTTP\/1\.1 400 |"columns":/, lie.join());
    }
    const { clients } = await (await ask(`/monitor/api/room?roomId=${room.roomId}`, view)).json();
    assert.deepEqual(
      clients.map(({ sessionId }: { sessionId: string }) => sessionId),
      [room.sessionId],
    );
    assert.deepEqual(await acts(), []);
  });

  it("let no page of another site read, nor act, with an operator's password", async () => {
    const crossSite = { ...view, origin: FOREIGN };
    for (const route of ["/monitor/api", "/playground/rooms", "/admin/log"])
      for (const site of [null, "cross-site", "same-site"]) {
        const answer = await ask(route, { ...crossSite, ...(site !== null && { "sec-fetch-site": site }) });
        assert.equal(answer.status, 403, `${route} ${site}`);
        assert.equal((await answer.json()).code, "CROSS_SITE");
      }
    const kick = `/admin/players/${randomUUID()}/kick`;
    assert.equal((await ask(kick, { ...administer, origin: FOREIGN }, "POST")).status, 403);
    assert.equal((await ask(kick, { ...administer, origin: "null" }, "POST")).status, 403);
    assert.deepEqual(await acts(), []);
  });

  it("allow no other origin, and answer no preflight request with a permission", async () => {
    const permissions = (answer: Response) =>
      [...answer.headers.keys()].filter((name) => /^access-control-/.test(name));
    for (const route of ["/monitor/", "/monitor/api", "/playground/", "/playground/rooms"]) {
      assert.deepEqual(permissions(await ask(route, view)), [], route);
      const preflight = { origin: FOREIGN, "access-control-request-method": "GET" };
      const answer = await ask(route, preflight, "OPTIONS");
      assert.deepEqual([answer.status, permissions(answer)], [405, []], route);
    }
  });

  it("send players nothing of their own", async () => {
    // What the server sends at a join comes before the next states.
    for (let n = 0; n < 3; n++) await new Promise((resolve) => room.onStateChange.once(resolve));
    assert.deepEqual(
      messages.filter((type) => String(type).startsWith("__")),
      [],
    );
  });

  it("remove a player for good, and record who it was, and why", async () => {
    const { playerId } = room.state.players.get(room.sessionId);
    const { reconnectionToken } = room;
    const left = new Promise((resolve) => room.onLeave(resolve));
    assert.equal((await ask(call("_forceClientDisconnect", [room.sessionId]), administer, "POST")).status, 200);
    assert.equal(await left, closeCodes.KICKED.code);
    await assert.rejects(client.reconnect(reconnectionToken), "the seat is free");
    assert.deepEqual(
      (await acts()).map(({ id, at, ...act }) => act),
      [
        {
          ...{ operator: OPERATOR.ADMIN_USER, role: "administer", act: "monitor_call" },
          ...{ player: playerId, room: room.roomId, reason: "insults" },
          detail: `_forceClientDisconnect ["${room.sessionId}"]`,
        },
      ],
    );
  });
});
