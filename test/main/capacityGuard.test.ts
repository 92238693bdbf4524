import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { HttpServer } from "../../src/main/api/HttpServer.ts";
import { CapacityGuard } from "../../src/main/game/CapacityGuard.ts";

describe("an overloaded process", () => {
  const server = new HttpServer();
  let busy = true;
  let refused = 0;
  before(async () => {
    const guard = new CapacityGuard(
      () => busy,
      () => refused++,
    );
    server.handlers = [guard];
    server.on("request", (_, response) => response.end("the framework's answer"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const ask = (path: string, method = "POST") =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method,
      headers: { origin: "https://game.example" },
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

  it("accepts reconnections and other requests, and everything once the overload is over", async () => {
    const passes = async (path: string, method?: string) =>
      assert.equal(await (await ask(path, method)).text(), "the framework's answer");
    await passes("/matchmake/reconnect/abc");
    await passes("/auth/anonymous");
    await passes("/matchmake/joinOrCreate/arena", "OPTIONS");
    busy = false;
    await passes("/matchmake/joinOrCreate/arena");
  });
});
