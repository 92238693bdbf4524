/** Attacks on the API: forged tokens, malicious input, probing for accounts, brute force, missing authorization. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { networkOf } from "../../src/api/limits.ts";
import { Tokens } from "../../src/players/auth/Tokens.ts";
import { OPERATOR, SECRET, TestApi, useApi } from "./useApi.ts";

const DUEL = { game: "arena", mode: "duel" };

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});
const operator = basic(OPERATOR.user, OPERATOR.password);
const key = new TextEncoder().encode(SECRET);
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

function unsigned(claims: object, header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.`;
}

describe("tokens", () => {
  const use = useApi();

  const refused = async (token: string, code: string) => {
    for (const [method, url] of [
      ["GET", "/api/v1/me"],
      ["PATCH", "/api/v1/me"],
      ["DELETE", "/api/v1/me"],
      ["GET", "/api/v1/me/export"],
      ["POST", "/api/v1/me/sessions/revoke"],
      ["GET", "/api/v1/live?scope=me"],
      ["GET", "/auth/userdata"],
    ]) {
      const { status, body } = await use().ask(method, url, { token });
      assert.equal(status, 401, `${method} ${url}`);
      assert.equal(body.code, code);
    }
    await assert.rejects(use().api.admission.identify(token, DUEL), { refusal: code });
  };

  it("are refused if unsigned, with algorithm none, signed with another key or algorithm, or damaged", async () => {
    const { id, token } = await use().anonymous();
    const claims = { sub: id, kind: "anonymous", ver: 0, exp: inAnHour() };
    await refused(unsigned(claims, { alg: "none" }), "TOKEN_INVALID");
    await refused(unsigned(claims, { alg: "HS256" }), "TOKEN_INVALID");
    const sign = (by: any, alg: string) => new SignJWT(claims).setProtectedHeader({ alg }).sign(by);
    await refused(
      await sign(new TextEncoder().encode("another key of thirty-two characters"), "HS256"),
      "TOKEN_INVALID",
    );
    await refused(await sign(key, "HS512"), "TOKEN_INVALID");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await refused(await sign(privateKey, "ES256"), "TOKEN_INVALID");
    const at = token.length - 20;
    const other = token[at] === "x" ? "y" : "x";
    await refused(token.slice(0, at) + other + token.slice(at + 1), "TOKEN_INVALID");
    await refused("x".repeat(8000), "TOKEN_INVALID");
  });

  it("are refused if expired, without an expiry, or of an unknown kind", async () => {
    const { id } = await use().anonymous();
    const sign = (claims: object) => new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" }).sign(key);
    await refused(await sign({ sub: id, kind: "anonymous", ver: 0, exp: 1000 }), "TOKEN_EXPIRED");
    await refused(await sign({ sub: id, kind: "anonymous", ver: 0 }), "TOKEN_INVALID");
    await refused(await sign({ sub: id, kind: "operator", ver: 0, exp: inAnHour() }), "TOKEN_INVALID");
  });

  it("contain subject, kind, version, expiry, issuer and audience, nothing else", async () => {
    const { token } = await use().account("claims@example.com", "Claims");
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
    assert.deepEqual(Object.keys(claims).sort(), ["aud", "exp", "iss", "kind", "sub", "ver"]);
  });

  it("that only join are refused by every route that needs a player, and join", async () => {
    const { id, token } = await use().account("joiner@example.com", "Joiner");
    const { status, body } = await use().ask("POST", "/api/v1/me/join-token", { token });
    assert.deepEqual([status, body.expiresIn], [200, 60]);
    const document = await use().get("/openapi.json");
    let asked = 0;
    for (const [path, methods] of Object.entries<Record<string, any>>(document.paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        if (security?.length !== 1 || !("bearer" in security[0])) continue;
        const url = path.replace(/\{\w+\}/g, "x");
        const { status: refusal, body: problem } = await use().ask(method.toUpperCase(), url, { token: body.token });
        assert.deepEqual([refusal, problem.code], [403, "TOKEN_JOIN_ONLY"], `${method} ${url}`);
        asked++;
      }
    }
    assert(asked >= 8);
    assert.equal((await use().ask("GET", "/api/v1/live?scope=me", { token: body.token })).body.code, "TOKEN_JOIN_ONLY");
    const account = { email: "other-joiner@example.com", password: "correct horse" };
    for (const [path, content] of [
      ["/auth/anonymous", {}],
      ["/auth/register", account],
    ] as const) {
      const answer = await use().ask("POST", path, { token: body.token, body: content });
      assert.deepEqual([answer.status, answer.body.code], [403, "TOKEN_JOIN_ONLY"], path);
      assert.ok("403" in document.paths[path].post.responses, path);
    }
    assert.equal((await use().api.admission.identify(body.token, DUEL)).playerId, id);
    assert.equal((await use().ask("POST", "/api/v1/me/sessions/revoke", { token })).status, 204);
    await assert.rejects(use().api.admission.identify(body.token, DUEL), { refusal: "TOKEN_REVOKED" });
  });

  it("are renewed only for guests, who have no other way to sign in", async () => {
    const [guest, account] = [await use().anonymous(), await use().account("renewed@example.com")];
    const renewalOf = async (playerId: string, kind: "anonymous" | "account") => {
      const token = await new Tokens(SECRET).sign({ playerId, kind }, 60);
      const { status, body } = await use().ask("POST", "/auth/anonymous", { token, body: {} });
      assert.deepEqual([status, body.user.id], [200, playerId]);
      return { token, renewed: body.token };
    };
    const ofGuest = await renewalOf(guest.id, "anonymous");
    assert.notEqual(ofGuest.renewed, ofGuest.token);
    const ofAccount = await renewalOf(account.id, "account");
    assert.equal(ofAccount.renewed, ofAccount.token);
  });

  it("are revoked when a guest gets an account, so that an old token of the guest does not open the account", async () => {
    const guest = await use().anonymous();
    await use().get("/api/v1/me", { token: guest.token });
    const body = { email: "upgraded@example.com", password: "correct horse" };
    const { body: account } = await use().ask("POST", "/auth/register", { token: guest.token, body });
    assert.equal(account.user.id, guest.id);
    assert.equal((await use().get("/api/v1/me", { token: account.token })).kind, "account");
    await refused(guest.token, "TOKEN_REVOKED");
  });

  it("give a guest no account once they are revoked, also while another process has not noticed this yet", async () => {
    const guest = await use().anonymous();
    await use().get("/api/v1/me", { token: guest.token });
    const other = new TestApi(use().sql);
    assert.equal((await other.ask("POST", "/api/v1/me/sessions/revoke", { token: guest.token })).status, 204);
    const body = { email: "thief@example.com", password: "correct horse" };
    const reply = await use().ask("POST", "/auth/register", { token: guest.token, body });
    assert.deepEqual([reply.status, reply.body.code], [401, "TOKEN_REVOKED"]);
    const { rows } = await use().sql.query("select kind from players where id = $1", [guest.id]);
    assert.deepEqual(rows, [{ kind: "anonymous" }]);
    const login = await use().ask("POST", "/auth/login", { body });
    assert.equal(login.body.code, "CREDENTIALS_WRONG");
  });

  it("are revoked by a log-out of all devices, and by the deletion of the player", async () => {
    const a = await use().anonymous();
    assert.equal((await use().ask("POST", "/api/v1/me/sessions/revoke", { token: a.token })).status, 204);
    await refused(a.token, "TOKEN_REVOKED");
    const b = await use().anonymous();
    assert.equal((await use().ask("DELETE", "/api/v1/me", { token: b.token })).status, 204);
    await refused(b.token, "TOKEN_REVOKED");
    assert.equal((await use().ask("GET", `/api/v1/players/${b.id}`)).status, 404);
  });

  it("give access only to the data of their own player", async () => {
    const [a, b] = [await use().account("one@example.com", "One"), await use().account("two@example.com", "Two")];
    await use().ask("PATCH", "/api/v1/me", { token: b.token, body: { name: "Changed" } });
    assert.equal((await use().get("/api/v1/me", { token: a.token })).name, "One");
    assert.equal((await use().get("/api/v1/me", { token: b.token })).id, b.id);
  });

  it("of banned players are refused for playing, signing in, upgrading and renaming, but not for reading their own data", async () => {
    const api = use();
    const { id, token } = await api.account("banned@example.com", "Banned");
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const ban = await api.ask("PUT", `/admin/players/${id}/ban`, {
      headers: operator,
      body: { until, reason: "cheats" },
    });
    assert.equal(ban.status, 200, ban.text);
    assert.ok(api.kicked.includes(id));
    await assert.rejects(api.api.admission.identify(token, DUEL), { refusal: "BANNED" });
    const login = await api.ask("POST", "/auth/login", {
      body: { email: "banned@example.com", password: "correct horse" },
    });
    assert.equal(login.status, 403);
    assert.equal(login.body.until, until);
    assert.equal((await api.ask("POST", "/auth/anonymous", { token, body: {} })).status, 403);
    assert.equal((await api.ask("PATCH", "/api/v1/me", { token, body: { name: "Other" } })).status, 403);
    assert.equal((await api.get("/api/v1/me", { token })).banReason, "cheats");
    assert.equal(
      (await api.ask("DELETE", `/admin/players/${id}/ban`, { headers: operator, body: { reason: "appeal" } })).status,
      204,
    );
    await api.api.admission.identify(token, DUEL);
  });

  it("of guests are refused after a ban too, also if the guest has only signed in so far", async () => {
    const api = use();
    const { id, token } = await api.anonymous();
    const body = { until: new Date(Date.now() + 3_600_000).toISOString(), reason: "cheats" };
    const ban = await api.ask("PUT", `/admin/players/${id}/ban`, { headers: operator, body });
    assert.equal(ban.status, 200, ban.text);
    await assert.rejects(api.api.admission.identify(token, DUEL), { refusal: "BANNED" });
    assert.equal((await api.ask("POST", "/auth/anonymous", { token, body: {} })).status, 403);
    assert.equal(
      (await api.ask("DELETE", `/admin/players/${id}/ban`, { headers: operator, body: { reason: "appeal" } })).status,
      204,
    );
    await api.api.admission.identify(token, DUEL);
  });
});

describe("request input", () => {
  const use = useApi();

  it("is refused if it contains a NUL character, which PostgreSQL cannot store", async () => {
    const body = { email: "a\0b@example.com", password: "a password that is long" };
    assert.equal((await use().ask("POST", "/auth/login", { body })).status, 401);
    assert.equal((await use().ask("POST", "/auth/register", { body })).status, 400);
    assert.equal((await use().ask("POST", "/auth/forgot-password", { body: { email: body.email } })).status, 400);
  });

  it("is never interpreted as SQL, a header or a path, in any parameter", async () => {
    const api = use();
    const { token } = await api.anonymous();
    const nasty = [
      "' or 1=1 --",
      "1; drop table players",
      "\r\nset-cookie: a=b",
      "%00",
      "../../etc/passwd",
      "{{7*7}}",
      "𝒳".repeat(50),
    ];
    for (const text of nasty) {
      const value = encodeURIComponent(text);
      const urls = [
        ...["mode", "season", "limit", "offset"].map((name) => `/api/v1/rankings?mode=duel&${name}=${value}`),
        ...[`/api/v1/rankings/around/${value}?mode=duel`, `/api/v1/rankings/around/x?mode=duel&radius=${value}`],
        ...[
          `/api/v1/players/${value}`,
          `/api/v1/players/${value}/matches`,
          `/api/v1/players/x/matches?before=${value}`,
        ],
        ...[
          `/api/v1/matches/${value}`,
          `/api/v1/matches/${value}/replay`,
          `/api/v1/live?scope=${value}`,
          `/docs/${value}`,
        ],
      ];
      for (const url of urls) {
        const { status, headers } = await api.ask("GET", url);
        assert.ok(status >= 400 && status < 500, `${url}: ${status}`);
        assert.equal(headers["set-cookie"], undefined);
      }
      const bodies: [string, string, object][] = [
        ["PATCH", "/api/v1/me", { name: text }],
        ["POST", "/auth/register", { email: text, password: "long enough" }],
        ["POST", "/auth/login", { email: text, password: text }],
        ["POST", "/auth/reset-password", { token: text, password: "long enough" }],
      ];
      for (const [method, url, body] of bodies) {
        const { status } = await api.ask(method, url, { token, body });
        assert.ok(status >= 400 && status < 500, `${url} ${text}: ${status}`);
      }
      assert.equal((await api.ask("GET", "/api/v1/me", { headers: { authorization: `Bearer ${text}` } })).status, 401);
    }
    const { rows } = await api.sql.query("select name from players");
    assert.deepEqual(rows, [{ name: null }]);
  });

  it("is refused if it is too large or is not a JSON object", async () => {
    const api = use();
    const post = (raw: string, headers = {}) => api.ask("POST", "/auth/login", { raw, headers });
    assert.equal((await post(JSON.stringify({ email: "x".repeat(20_000) }))).status, 413);
    assert.equal((await post("{", {})).status, 400);
    assert.equal((await post("{}", { "content-type": "text/plain" })).status, 415);
    assert.equal((await post("[1]", {})).status, 400);
    assert.equal((await post('{"__proto__":{"admin":true}}', {})).status, 400);
  });
});

describe("e-mail addresses", () => {
  const use = useApi();

  it("cannot be probed by logging in: known and unknown ones get the same response after the same work", async () => {
    const api = use();
    await api.account("known@example.com");
    const attempt = async (email: string) => {
      const before = api.api.passwords.hashes;
      const reply = await api.ask("POST", "/auth/login", { body: { email, password: "wrong password" } });
      return { status: reply.status, text: reply.text, hashes: api.api.passwords.hashes - before };
    };
    const known = await attempt("known@example.com");
    assert.deepEqual(await attempt("unknown@example.com"), known);
    assert.equal(known.hashes, 1);
    assert.equal(known.status, 401);
  });

  it("cannot be probed by requesting a password reset", async () => {
    const api = use();
    await api.account("forgot@example.com");
    const forgot = (email: string) => api.ask("POST", "/auth/forgot-password", { body: { email } });
    const [known, unknown] = [await forgot("Forgot@example.com"), await forgot("nobody@example.com")];
    assert.deepEqual([known.status, known.text], [unknown.status, unknown.text]);
    while (api.sent.size === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([...api.sent.keys()], ["forgot@example.com"]);

    const token = api.sent.get("forgot@example.com")!;
    const reset = () => api.ask("POST", "/auth/reset-password", { body: { token, password: "another horse" } });
    assert.equal((await reset()).status, 204);
    assert.equal((await reset()).body.code, "RESET_INVALID");
    const login = (password: string) =>
      api.ask("POST", "/auth/login", { body: { email: "forgot@example.com", password } });
    assert.equal((await login("correct horse")).status, 401);
    assert.equal((await login("another horse")).status, 200);
    assert.equal((await api.ask("GET", "/api/v1/me", { token })).status, 401);
  });
});

describe("brute force", () => {
  const use = useApi();

  it("is limited by account and address, and by failures of an address, with the standard headers", async () => {
    const api = new TestApi(use().sql, { limitFactor: 1 });
    const guess = (email: string, from: string) =>
      api.ask("POST", "/auth/login", { body: { email, password: "guess" }, from });
    for (let i = 0; i < 10; i++) assert.equal((await guess("victim@example.com", "192.0.2.7")).status, 401);
    const limited = await guess("Victim@example.com", "192.0.2.7");
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers["retry-after"]) > 0);
    assert.equal(limited.headers["ratelimit-remaining"], "0");
    assert.equal((await guess("victim@example.com", "192.0.2.8")).status, 401);
    let statuses = 0;
    for (let i = 0; i < 40; i++) statuses = Math.max(statuses, (await guess(`v${i}@example.com`, "192.0.2.9")).status);
    assert.equal(statuses, 429);
  });

  it("cannot avoid the limit with X-Forwarded-For, because the header counts only from trusted proxies", async () => {
    const count = async (trustedProxies: string[]) => {
      const api = new TestApi(use().sql, { limitFactor: 0.1, trustedProxies });
      let good = 0;
      for (let i = 0; i < 200; i++) {
        const headers = { "x-forwarded-for": `203.0.113.${i}` };
        if ((await api.ask("POST", "/auth/anonymous", { headers, from: "127.0.0.1" })).status === 200) good++;
      }
      return good;
    };
    assert.equal(await count([]), 150);
    assert.equal(await count(["loopback"]), 200);
  });

  it("from one IPv6 /64 network counts as from one address", () => {
    assert.equal(networkOf("2001:db8:1:2:3:4:5:6"), networkOf("2001:db8:1:2::9"));
    assert.notEqual(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:3::1"));
    assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
  });
});

describe("operator routes", () => {
  const use = useApi();

  it("refuse everyone but the operator, and everyone if no operator is configured", async () => {
    const { id, token } = await use().anonymous();
    const none = new TestApi(use().sql, { admin: null });
    const routes = [
      ["POST", "kick"],
      ["PUT", "ban"],
      ["DELETE", "ban"],
    ];
    for (const [method, name] of routes) {
      const url = `/admin/players/${id}/${name}`;
      const refused = [
        use().ask(method, url, { token }),
        use().ask(method, url),
        use().ask(method, url, { headers: basic("op", "wrong") }),
        use().ask(method, url, { headers: basic("", "") }),
        none.ask(method, url, { headers: operator }),
      ];
      for (const reply of await Promise.all(refused)) assert.equal(reply.status, 401);
    }
    assert.deepEqual(use().kicked, []);
  });
});
