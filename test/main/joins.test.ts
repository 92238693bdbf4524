/** Matchmaking requests without the SDK, over real connections. */
import assert from "node:assert/strict";
import { refusals } from "../../schema/codes.ts";
import { DatabaseUnavailable } from "../../src/platform/sql/DatabaseUnavailable.ts";
import type { Admission } from "../../src/players/identity/Admission.ts";
import { Host } from "../rooms/Host.ts";
import { tag } from "../tag/tag.ts";
import { sendRequest } from "./sendRequest.ts";

describe("a matchmaking request", () => {
  const host = new Host();
  /** Thrown by the next admission. */
  let failure: object | null = null;
  const admission: Admission = {
    identifyAgain: () => assert.fail("no party is queued"),
    async identify(token) {
      if (failure !== null) throw failure;
      return { ...(await host.running.tokens.verify(token)), name: null, rating: 1500, games: 0 };
    },
  };
  before(() => host.start({ games: [tag], admission }, ["--cors-origins", "https://game.example"]));
  afterEach(() => {
    failure = null;
  });
  after(() => host.stop());

  const join = async (chunks: string[], headers: Record<string, string> = {}, path = "joinOrCreate/tag") => {
    const token = await host.running.tokens.sign({ playerId: "p", kind: "anonymous" });
    return sendRequest(`${host.url}/matchmake/${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
      chunks,
    });
  };
  const good = JSON.stringify({ mode: "crowd" });

  it("may come in chunks, up to the limit", async () => {
    const { status, body } = await join([good.slice(0, 5), good.slice(5)]);
    assert.deepEqual([status, typeof body.sessionId], [200, "string"]);
    const tooLong = await join([good, " ".repeat(16 * 1024)]);
    assert.deepEqual([tooLong.status, tooLong.body.code], [413, "BODY_TOO_LARGE"]);
    assert.equal(tooLong.headers["content-type"], "application/problem+json");
  });

  it("is refused as a problem whose code and text the SDK reports", async () => {
    const { status, headers, body } = await join(['{"mode":"chess"}'], { origin: "https://game.example" });
    const { code, meaning } = refusals.MODE_UNKNOWN;
    assert.deepEqual([status, body.status, body.code, body.title], [code, code, code, meaning]);
    assert.equal(body.type, "urn:hypogeum:problem:mode-unknown");
    assert.match(body.detail, /^unknown mode "chess"/);
    assert.equal(body.error, `MODE_UNKNOWN: ${body.detail}`);
    assert.equal(headers["content-type"], "application/problem+json");
    assert.equal(headers["access-control-allow-origin"], "https://game.example");
  });

  it("of another origin is permitted as the API permits it: only for CORS_ORIGINS, and with credentials", async () => {
    const preflight = async (origin: string) => {
      const headers = { origin, "access-control-request-method": "POST" };
      const { status, headers: sent } = await sendRequest(`${host.url}/matchmake/joinOrCreate/tag`, {
        ...{ method: "OPTIONS", headers },
      });
      const { "access-control-allow-origin": allowed, "access-control-allow-credentials": credentials } = sent;
      return [status, allowed, credentials, sent["access-control-max-age"], sent.vary];
    };
    assert.deepEqual(await preflight("https://game.example"), [204, "https://game.example", "true", "600", "Origin"]);
    assert.deepEqual(await preflight("https://evil.example"), [204, undefined, "true", "600", "Origin"]);
    const { headers } = await join([good], { origin: "https://evil.example" });
    assert.equal(headers["access-control-allow-origin"], undefined);
  });

  it("is refused as a problem if it is no JSON, has no known path, or another method", async () => {
    assert.deepEqual([(await join(["{"])).status, (await join(["{"])).body.code], [400, "INPUT_INVALID"]);
    assert.equal((await join([good], { "content-type": "text/plain" })).body.code, "MEDIA_TYPE_UNSUPPORTED");
    for (const path of ["", "joinOrCreate", "joinOrCreate/tag/", "joinOrCreate//tag"])
      assert.equal((await join([good], {}, path)).body.code, "ROUTE_UNKNOWN", path);
    const got = await sendRequest(`${host.url}/matchmake/joinOrCreate/tag`, { method: "GET" });
    assert.deepEqual([got.status, got.headers.allow, got.body.code], [405, "POST", "METHOD_NOT_ALLOWED"]);
    const unknown = await join([good], {}, "toString/tag");
    assert.deepEqual([unknown.status, unknown.body.code], [520, 520]);
  });

  it("is refused with its code and headers if the refusing room is on another process, whose error has lost its code", async () => {
    const text =
      "the player has 5 open rooms, expected at most 5: leave one of them, then try again, or try again in 20 s";
    failure = new Error(`TOO_MANY_ROOMS: ${text}`);
    const { status, headers, body } = await join([good]);
    const { code } = refusals.TOO_MANY_ROOMS;
    assert.deepEqual([status, body.code, body.detail], [code, code, text]);
    assert.deepEqual([headers["ratelimit-limit"], headers["retry-after"]], ["5", "20"]);
    failure = new Error("INTERNAL_PATH: /srv/game/secret");
    assert.equal((await join([good])).status, 523);
  });

  it("is refused as temporarily impossible, never with 200, if a service is unavailable", async () => {
    for (const error of [
      Object.assign(new Error("terminating connection"), { code: "57P01" }),
      Object.assign(new Error("cannot execute INSERT in a read-only transaction"), { code: "25006" }),
      Object.assign(new Error("could not extend file"), { code: "53100" }),
      Object.assign(new Error("an error that is not known yet"), { code: "XX999" }),
      new DatabaseUnavailable("DATABASE_URL: PostgreSQL at 10.0.0.3:5432 did not answer", "database"),
      Object.assign(new Error("connect ECONNREFUSED 10.0.0.3:5432"), { code: "ECONNREFUSED" }),
      new Error("Reached the max retries per request limit (which is 20)"),
      new Error("READONLY You can't write against a read only replica."),
    ]) {
      failure = error;
      const { status, headers, text, body } = await join([good]);
      assert.deepEqual([status, body.code], [540, 540], error.message);
      assert.ok(Number(headers["retry-after"]) > 0);
      assert.match(body.detail, /unavailable/);
      assert.doesNotMatch(text, /10\.0\.0\.3|57P01|READONLY/);
    }
  });

  it("fails without disclosing the server's error, which is logged", async () => {
    for (const error of [new Error("cannot open /srv/game/secret"), Object.assign(new Error("secret"), { code: 42 })]) {
      failure = error;
      const { status, text } = await join([good]);
      assert.equal(status, 523);
      assert.doesNotMatch(text, /secret/);
      assert.ok(
        host.logged.some((line) => line.includes(error.message) && line.includes("matchmaking request failed")),
      );
    }
  });
});
