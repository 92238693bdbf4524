/** The ticket routes over the real queue in memory. Rooms are recorded, not created. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { recordMatches } from "../../src/players/database/recordMatches.ts";
import { finishedMatch } from "../players/database/finishedMatch.ts";
import { type TestApi, useApi } from "./useApi.ts";

const PATH = "/api/v1/matchmaking/tickets";
const ticketRequest = { mode: "duel", strategy: "elo" };
type TestPlayer = Awaited<ReturnType<TestApi["anonymous"]>>;

describe("REST tickets", () => {
  const use = useApi();
  const open: { player: TestPlayer; ticketId: string }[] = [];

  async function create(player: TestPlayer, body: object = ticketRequest): Promise<any> {
    const reply = await use().ask("POST", PATH, { body, token: player.token });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.headers.location, `${PATH}/${reply.body.ticketId}`);
    open.push({ player, ticketId: reply.body.ticketId });
    return reply.body;
  }
  const read = (player: TestPlayer, ticketId: string, query = "") =>
    use().get(`${PATH}/${ticketId}${query}`, { token: player.token });
  const cancel = (player: TestPlayer, ticketId: string) =>
    use().ask("DELETE", `${PATH}/${ticketId}`, { token: player.token });
  async function refused(code: string, status: number, asked: ReturnType<TestApi["ask"]>): Promise<any> {
    const { body, status: actual, text, headers } = await asked;
    assert.deepEqual([body?.code, actual], [code, status], text);
    assert.equal(status === 503, headers["retry-after"] !== undefined);
    return body;
  }

  afterEach(async () => {
    for (const { player, ticketId } of open.splice(0)) await cancel(player, ticketId);
  });

  it("are queued, matched with a seat, and cancelled", async () => {
    const api = use();
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    const ofA = await create(a);
    assert.deepEqual(ofA, { ticketId: ofA.ticketId, status: "queued" });
    assert.deepEqual(await read(a, ofA.ticketId), ofA);
    const waiting = read(a, ofA.ticketId, "?wait=20");
    const ofB = await create(b);
    await api.pair();
    const found = await waiting;
    assert.equal(found.status, "matched");
    assert.deepEqual(Object.keys(found.seat).sort(), ["name", "processId", "roomId", "sessionId"]);
    assert.ok(Math.abs(Date.parse(found.seatExpiresAt) - Date.now() - 30_000) < 5000);
    assert.equal((await cancel(b, ofB.ticketId)).body.status, "cancelled");
    assert.equal((await read(a, ofA.ticketId)).status, "queued", "the match was cancelled, so the player waits again");
    assert.equal((await read(b, ofB.ticketId)).status, "cancelled");
  });

  it("take rating, games and name from the store, and are refused if the request states them", async () => {
    const api = use();
    const player = await api.account("rated@example.com", "Rated");
    await api.sql.transaction((tx) => recordMatches(tx, [finishedMatch([{ player: player.id }, { player: "x" }])]));
    for (const forged of [{ rating: 3000 }, { name: "Nobody" }, { playerId: "x" }, { via: "socket" }])
      await refused(
        "INPUT_INVALID",
        400,
        api.ask("POST", PATH, { body: { ...ticketRequest, ...forged }, token: player.token }),
      );
    const { ticketId } = await create(player, { ...ticketRequest, role: 2 });
    const entryStatus = await api.pool.status(ticketId);
    assert.ok(entryStatus !== null && entryStatus.state !== "ended");
    const { rating, games, name, kind, role, via } = entryStatus.entry.players[0];
    assert.deepEqual([rating, games, name, kind, role, via], [1520, 1, "Rated", "account", 2, "ticket"]);
  });

  it("are limited to one per player: a thousand further requests are refused with the id of the first ticket, and leave no entry behind", async () => {
    const api = use();
    const a = await api.anonymous();
    const { ticketId } = await create(a);
    const asked = Array.from({ length: 1000 }, () => api.ask("POST", PATH, { body: ticketRequest, token: a.token }));
    for (const { status, body } of await Promise.all(asked))
      assert.deepEqual([status, body.code, body.ticketId], [409, "ALREADY_QUEUED", ticketId]);
    assert.deepEqual([...(await api.pool.sizes()).values()], [1]);
  });

  it("cannot be read or cancelled by another player", async () => {
    const api = use();
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    const { ticketId } = await create(a);
    for (const method of ["GET", "DELETE"]) {
      await refused("TICKET_UNKNOWN", 404, api.ask(method, `${PATH}/${ticketId}`, { token: b.token }));
      await refused("TOKEN_MISSING", 401, api.ask(method, `${PATH}/${ticketId}`));
    }
    assert.equal((await read(a, ticketId)).status, "queued");
  });

  it("stay alive while their owner reads them, and expire otherwise", async () => {
    const api = use();
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    const { ticketId } = await create(a);
    for (let i = 0; i < 3; i++) {
      api.aheadMs += 40_000;
      await api.pair();
      assert.equal((await read(a, ticketId)).status, "queued");
    }
    api.aheadMs += 40_000;
    await api.ask("GET", `${PATH}/${ticketId}`, { token: b.token });
    api.aheadMs += 21_000;
    await api.pair();
    assert.equal((await read(a, ticketId)).status, "expired");
  });

  it("are refused to banned players, but banned players can still cancel their tickets", async () => {
    const api = use();
    const a = await api.account("banned@example.com");
    const { ticketId } = await create(a);
    const operator = { authorization: `Basic ${Buffer.from("op:operator-password").toString("base64")}` };
    const until = new Date(Date.now() + 60_000).toISOString();
    await api.ask("PUT", `/admin/players/${a.id}/ban`, { body: { until, reason: "cheats" }, headers: operator });
    await refused("BANNED", 403, api.ask("POST", PATH, { body: ticketRequest, token: a.token }));
    await refused("BANNED", 403, api.ask("GET", `${PATH}/${ticketId}`, { token: a.token }));
    assert.equal((await cancel(a, ticketId)).status, 200);
  });

  it("let a leader enter the queue with the party, and pass on the refusals of the party's room", async () => {
    const api = use();
    const a = await api.anonymous();
    const party = { ...ticketRequest, partyId: "ABCDEFGH" };
    const post = (body: object) => api.ask("POST", PATH, { body, token: a.token });
    await refused("PARTY_UNKNOWN", 404, post(party));
    for (const [code, status] of [
      ["NOT_LEADER", 403],
      ["NOT_READY", 409],
      ["PARTY_TOO_BIG", 409],
      ["PARTY_ROLES", 409],
      ["PARTY_QUEUED", 409],
      ["QUEUE_UNAVAILABLE", 503],
    ] as const) {
      api.parties.set("ABCDEFGH", { refusal: code });
      await refused(code, status, post(party));
    }
    await refused("INPUT_INVALID", 400, post({ ...ticketRequest, partyId: "abc" }));
  });

  it("are refused with an invalid mode, role, strategy, region, wait or id", async () => {
    const api = use();
    const { token } = await api.anonymous();
    for (const bad of [
      { mode: "chess" },
      { mode: "constructor" },
      { strategy: "best" },
      { role: 4 },
      { region: "EU|1" },
      { mode: undefined },
    ])
      await refused("INPUT_INVALID", 400, api.ask("POST", PATH, { body: { ...ticketRequest, ...bad }, token }));
    for (const partyId of [undefined, "ABCDEFGH"]) {
      const body = { ...ticketRequest, region: "us", partyId };
      const answer = await refused("OPTIONS_INVALID", 400, api.ask("POST", PATH, { body, token }));
      assert.equal(answer.detail, 'region: unknown region "us": expected one of local');
    }
    const unknown = "00000000-0000-4000-8000-000000000000";
    await refused("TICKET_UNKNOWN", 404, api.ask("GET", `${PATH}/${unknown}?wait=30`, { token }));
    await refused("INPUT_INVALID", 400, api.ask("GET", `${PATH}/${unknown}?wait=31`, { token }));
    await refused("INPUT_INVALID", 400, api.ask("GET", `${PATH}/nothing`, { token }));
  });

  it("are refused with 503 until the process has joined the queue", async () => {
    const api = use();
    const { token } = await api.anonymous();
    api.queueOpen = false;
    await refused("QUEUE_UNAVAILABLE", 503, api.ask("POST", PATH, { body: ticketRequest, token }));
    api.queueOpen = true;
  });

  it("allow one waiting request per player, and stop waiting when the client disconnects", async () => {
    const api = use();
    const a = await api.anonymous();
    const { ticketId } = await create(a);
    const first = read(a, ticketId, "?wait=30");
    await pause(50);
    const server = createServer((request, response) => void api.api.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const leaving = new AbortController();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}/${ticketId}?wait=30`;
    const second = fetch(url, { signal: leaving.signal, headers: { authorization: `Bearer ${a.token}` } });
    assert.equal((await first).status, "queued", "the second request has ended the first");
    leaving.abort();
    await assert.rejects(second);
    await pause(300);
    let looks = 0;
    const { status } = api.pool;
    api.pool.status = (id) => {
      looks++;
      return status.call(api.pool, id);
    };
    await pause(1000);
    api.pool.status = status;
    server.closeAllConnections();
    server.close();
    assert.equal(looks, 0);
  });
});
