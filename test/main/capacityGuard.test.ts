import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { crossOrigin } from "../../src/api/crossOrigin.ts";
import { HttpServer } from "../../src/main/api/HttpServer.ts";
import { CapacityGuard } from "../../src/main/game/CapacityGuard.ts";
import { ReturningPlayers } from "../../src/main/game/ReturningPlayers.ts";

describe("an overloaded process", () => {
  const server = new HttpServer();
  let busy = true;
  let refused = 0;
  before(async () => {
    const guard = new CapacityGuard({
      isBusy: () => busy,
      isReturning: async (token) => token === "seated",
      joins: { handle: (_, response) => response.end("the join handler's answer") },
      crossOrigin: crossOrigin(["https://game.example"]),
      onRefused: () => refused++,
    });
    server.handlers = [guard];
    server.pages = (_, response) => void response.end("the page");
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const ask = (path: string, method = "POST", token = "other") =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method,
      headers: { origin: "https://game.example", authorization: `Bearer ${token}` },
      ...(method === "POST" && { body: JSON.stringify({ mode: "duel" }) }),
    });

  it("refuses a reservation as a problem, with CORS headers", async () => {
    for (const path of ["/matchmake/joinOrCreate/arena", "/matchmake/joinById/abc", "/matchmake/create/arena?x=1"]) {
      const answer = await ask(path);
      assert.equal(answer.status, 551);
      assert.ok(Number(answer.headers.get("retry-after")) > 0);
      assert.equal(answer.headers.get("access-control-allow-origin"), "https://game.example");
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      const { code, error, status, type } = (await answer.json()) as Record<string, string | number>;
      assert.deepEqual([status, type], [551, "urn:hypogeum:problem:server-busy"]);
      assert.equal(code, 551);
      assert.match(String(error), /^SERVER_BUSY: /);
    }
    assert.equal(refused, 3);
  });

  it("lets a player back who has a seat", async () => {
    const answer = await ask("/matchmake/joinOrCreate/arena", "POST", "seated");
    assert.equal(await answer.text(), "the join handler's answer");
  });

  it("accepts reconnections and other requests, and everything once the overload is over", async () => {
    const passes = async (path: string, method?: string) =>
      assert.equal(await (await ask(path, method)).text(), "the page");
    await passes("/matchmake/reconnect/abc");
    await passes("/auth/anonymous");
    await passes("/matchmake/joinOrCreate/arena", "OPTIONS");
    busy = false;
    await passes("/matchmake/joinOrCreate/arena");
  });
});

describe("the check for returning players", () => {
  let now = 0;
  let verified = 0;
  let looked = 0;
  const seated = new Set(["ann"]);
  const newCheck = () =>
    new ReturningPlayers({
      async playerOf(token) {
        verified++;
        return token.startsWith("valid:") ? token.slice(6) : null;
      },
      listings: {
        async roomsOf(playerId) {
          looked++;
          return seated.has(playerId) ? ([{}] as never) : [];
        },
      },
      now: () => now,
    });
  beforeEach(() => {
    now = 1000;
    verified = 0;
    looked = 0;
  });

  it("finds players by their listings, and nobody without a valid token", async () => {
    const check = newCheck();
    assert.equal(await check.has("valid:ann"), true);
    assert.equal(await check.has("valid:bob"), false);
    assert.equal(await check.has("forged:ann"), false);
    assert.equal(await check.has(null), false);
    assert.equal(looked, 2);
  });

  it("remembers its result for two seconds", async () => {
    const check = newCheck();
    for (let i = 0; i < 100; i++) await check.has("valid:bob");
    assert.deepEqual([verified, looked], [1, 1]);
    seated.add("bob");
    now += 2001;
    assert.equal(await check.has("valid:bob"), true);
    seated.delete("bob");
  });

  it("checks at most 200 tokens a second, whatever a flood of them costs", async () => {
    const check = newCheck();
    for (let i = 0; i < 1000; i++) await check.has(`forged:${i}`);
    assert.equal(verified, 200);
    assert.equal(await check.has("valid:ann"), false);
    now += 1000;
    assert.equal(await check.has("valid:ann"), true);
  });

  it("takes a failed look-up for no seat", async () => {
    const check = new ReturningPlayers({
      playerOf: async () => "ann",
      listings: { roomsOf: () => Promise.reject(new Error("Redis is unavailable")) },
    });
    assert.equal(await check.has("valid:ann"), false);
  });
});
