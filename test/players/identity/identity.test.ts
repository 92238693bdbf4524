/** Identity over a real socket with the unmodified Colyseus SDK, and what remains of a deleted player. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "@colyseus/sdk";
import { createLocalJWKSet, errors, exportJWK, SignJWT } from "jose";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { Tokens } from "../../../src/players/auth/Tokens.ts";
import { revokeTokens } from "../../../src/players/database/players.ts";
import { recordMatches } from "../../../src/players/database/recordMatches.ts";
import { Seasons } from "../../../src/players/database/seasons.ts";
import { Passwords, PasswordsBusy } from "../../../src/players/identity/Passwords.ts";
import { Sessions } from "../../../src/players/identity/Sessions.ts";
import { SqlAdmission } from "../../../src/players/identity/SqlAdmission.ts";
import { StudioTokens } from "../../../src/players/identity/StudioTokens.ts";
import { elo } from "../../../src/players/rating/elo.ts";
import { CHEAP, SECRET, useApi } from "../../api/useApi.ts";
import { badNames, botNames, equalNames, goodNames } from "../../schema/names.ts";
import { finishedMatch } from "../database/finishedMatch.ts";

const DUEL = { game: "arena", mode: "duel" };

describe("the Colyseus SDK", () => {
  const use = useApi();
  let server: Server;
  let address = "";
  before(async () => {
    server = createServer((request, response) => void use().api.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("signs in anonymously, upgrades to an account with the same id and history, and signs in again", async () => {
    const client = new Client(address);
    const first = await client.auth.signInAnonymously();
    await client.auth.getUserData();
    const players = [{ player: first.user.id }, { player: "other" }];
    await use().sql.transaction((tx) => recordMatches(tx, [finishedMatch(players)]));
    const account = await client.auth.registerWithEmailAndPassword("sdk@example.com", "correct horse", { name: "Sdk" });
    assert.equal(account.user.id, first.user.id);
    assert.equal(account.user.anonymous, false);
    const again = await new Client(address).auth.signInWithEmailAndPassword("SDK@example.com", "correct horse");
    assert.equal(again.user.id, first.user.id);
    assert.equal((await use().api.admission.identify(again.token, DUEL)).rating, 1520);
    assert.doesNotMatch(JSON.stringify([first, account, again]), /sdk@/i);
  });

  it("keeps its id when it signs in anonymously with a valid token, and receives the reason of a refusal", async () => {
    const client = new Client(address);
    const first = await client.auth.signInAnonymously();
    assert.equal((await client.auth.signInAnonymously()).user.id, first.user.id);
    await assert.rejects(client.auth.signInWithEmailAndPassword("sdk@example.com", "wrong"), /CREDENTIALS_WRONG/);
    const taken = new Client(address).auth.registerWithEmailAndPassword("sdk@example.com", "correct horse");
    await assert.rejects(taken, /EMAIL_TAKEN/);
  });
});

describe("names", () => {
  const use = useApi();

  const rename = async (token: string, name: string) =>
    await use().ask("PATCH", "/api/v1/me", { token, body: { name } });

  it("are kept as they were sent, or refused, by the same rule for guests, accounts and new accounts", async () => {
    const tokens = [(await use().anonymous()).token, (await use().account("rule@example.com")).token];
    for (const name of Object.values(goodNames)) {
      for (const token of tokens) {
        const { status, body } = await rename(token, name);
        assert.deepEqual([status, body.name], [200, name]);
      }
    }
    const names = [...Object.values(badNames), ...botNames];
    for (const [at, name] of names.entries()) {
      for (const token of tokens) assert.equal((await rename(token, name)).body.code, "NAME_REFUSED", name);
      const body = { email: `bad${at}@example.com`, password: "correct horse", options: { name } };
      assert.equal((await use().ask("POST", "/auth/register", { body })).body.code, "NAME_REFUSED", name);
    }
  });

  it("are refused with what is wrong with them", async () => {
    const { token } = await use().anonymous();
    assert.match((await rename(token, "\u3164\u3164")).body.detail, /U\+3164/);
    assert.match((await rename(token, "Bot 3")).body.detail, /bot/);
  });

  it("are taken by an account for all names that differ in case or look alike", async () => {
    const api = use();
    const other = await api.account("other@example.com");
    for (const [at, [name, alike]] of equalNames.entries()) {
      const { token } = await api.account(`alike${at}@example.com`, name);
      const body = { email: `taken${at}@example.com`, password: "correct horse", options: { name: alike } };
      assert.equal((await api.ask("POST", "/auth/register", { body })).body.code, "NAME_TAKEN", alike);
      assert.equal((await rename(other.token, alike)).body.code, "NAME_TAKEN", alike);
      assert.equal((await rename(token, alike)).body.name, alike, "its owner may change it to an equal one");
      await api.ask("DELETE", "/api/v1/me", { token });
      assert.equal((await rename(other.token, alike)).body.name, alike);
    }
  });

  it("are unique among accounts but not among anonymous players, and an upgrade keeps a name that no account has", async () => {
    const api = use();
    await api.account("ada@example.com", "Ada");
    const taken = await api.ask("POST", "/auth/register", {
      body: { email: "ada2@example.com", password: "correct horse", options: { name: "ADA" } },
    });
    assert.equal(taken.body.code, "NAME_TAKEN");
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    assert.equal((await rename(a.token, "ada")).status, 200);
    assert.equal((await rename(b.token, "Free")).status, 200);
    const upgrade = async (token: string, email: string) => {
      const { body } = await api.ask("POST", "/auth/register", { token, body: { email, password: "correct horse" } });
      return body.user.name;
    };
    assert.equal(await upgrade(a.token, "a@example.com"), null);
    assert.equal(await upgrade(b.token, "b@example.com"), "Free");
  });

  it("are given to exactly one of several players who request the same name at the same time", async () => {
    const players = await Promise.all([1, 2, 3, 4].map((n) => use().account(`race${n}@example.com`)));
    const replies = await Promise.all(
      players.map(({ token }) => use().ask("PATCH", "/api/v1/me", { token, body: { name: "Same" } })),
    );
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  });
});

describe("a deleted player", () => {
  const use = useApi();

  it("leaves no name and no e-mail address in any table", async () => {
    const api = use();
    const { id, token } = await api.account("gone@example.com", "Gonewiththewind");
    await api.sql.transaction((tx) => recordMatches(tx, [finishedMatch([{ player: id }, { player: "x" }])]));
    const traces = async () => {
      const { rows } = await api.sql.query<{ t: string }>(
        "select quote_ident(schemaname) || '.' || quote_ident(tablename) as t from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      const found: string[] = [];
      for (const { t } of rows) {
        const { rows: hits } = await api.sql.query(`select 1 from ${t} x where x::text ~* 'gone(@|with)'`);
        if (hits.length > 0) found.push(t);
      }
      return found.sort();
    };
    assert.deepEqual(await traces(), ["public.player_identities", "public.players"]);
    assert.equal((await api.ask("DELETE", "/api/v1/me", { token })).status, 204);
    assert.deepEqual(await traces(), []);
    const ranking = await api.get("/api/v1/rankings?mode=duel");
    assert.ok(!ranking.entries.some((entry: any) => entry.playerId === id));
    assert.equal((await api.account("gone@example.com", "Gonewiththewind")).id === id, false);
  });
});

describe("a guest who gets an account", () => {
  const use = useApi();

  it("can use the new token in every process at once, and stays in the party until all devices are logged out", async () => {
    const [api, sql] = [use(), use().sql];
    const sessions = new Sessions({ sql, tokens: new Tokens(SECRET), studioTokens: [] });
    const admission = new SqlAdmission(sql, sessions, new Seasons(sql), () => elo);
    const guest = await api.anonymous();
    const member = await admission.identify(guest.token, DUEL);
    const body = { email: "member@example.com", password: "correct horse" };
    const { body: account } = await api.ask("POST", "/auth/register", { token: guest.token, body });
    assert.equal((await sessions.authenticate(account.token)).kind, "account");
    await assert.rejects(sessions.authenticate(guest.token), { refusal: "TOKEN_REVOKED" });
    assert.equal((await admission.identifyAgain(member, DUEL)).kind, "account");
    await revokeTokens(sql, guest.id);
    sessions.forget(guest.id);
    await assert.rejects(admission.identifyAgain(member, DUEL), { refusal: "TOKEN_REVOKED" });
  });
});

describe("a studio's own tokens", () => {
  const use = useApi();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const second = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [issuer, secondIssuer] = ["https://login.example.com/", "https://console.example.com"];
  let sessions: Sessions;
  before(async () => {
    const keysOf = async (key: KeyObject) =>
      createLocalJWKSet({ keys: [{ ...(await exportJWK(key)), alg: "ES256", kid: "k" }] });
    sessions = new Sessions({
      sql: use().sql,
      tokens: new Tokens(SECRET),
      studioTokens: [
        new StudioTokens({ issuer, keys: await keysOf(publicKey) }),
        new StudioTokens({ issuer: secondIssuer, keys: await keysOf(second.publicKey) }),
      ],
    });
  });
  const sign = (sub: string, iss = issuer, by = privateKey, until: string | number = "1h") =>
    new SignJWT({})
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setSubject(sub)
      .setIssuer(iss)
      .setIssuedAt()
      .setExpirationTime(until)
      .sign(by);

  it("create an account when first used, and only one for any number of concurrent uses", async () => {
    await use().sql.query("delete from unpublished_messages");
    const token = await sign("u1");
    const found = await Promise.all([1, 2, 3, 4].map(() => sessions.authenticate(token)));
    assert.equal(new Set(found.map(({ playerId }) => playerId)).size, 1);
    assert.equal(found[0].kind, "account");
    const { rows } = await use().sql.query("select count(*)::int as n from players");
    assert.deepEqual(rows, [{ n: 1 }]);
    const { rows: published } = await use().sql.query<{ messages: { value: object }[] }>(
      "select messages from unpublished_messages",
    );
    const registered = { kind: "registered", player: found[0].playerId, method: "studio", upgraded: false };
    const told = published.flatMap(({ messages }) => messages.map(({ value }) => ({ ...value, v: 0, at: 0 })));
    assert.deepEqual(told, [{ v: 0, at: 0, ...registered }]);
  });

  it("of several issuers are checked with the keys of their own, and the same subject at each is another player", async () => {
    const [ofFirst, ofSecond] = [await sign("same"), await sign("same", secondIssuer, second.privateKey)];
    const [a, b] = [await sessions.authenticate(ofFirst), await sessions.authenticate(ofSecond)];
    assert.notEqual(a.playerId, b.playerId);
    assert.notEqual(await sessions.callerOf(ofFirst), await sessions.callerOf(ofSecond));
    assert.deepEqual(await Promise.all([ofFirst, ofSecond].map((token) => sessions.playerOf(token))), [
      a.playerId,
      b.playerId,
    ]);
    await assert.rejects(sessions.authenticate(await sign("same", secondIssuer)), { refusal: "TOKEN_INVALID" });
  });

  it("are refused if the issuer made them for another program, if its audience is set", async () => {
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", kid: "k" }] });
    const tokens = new StudioTokens({ issuer, keys, audience: "the-game" });
    const signFor = (audience: string | string[]) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .setSubject("u4")
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime("1h")
        .sign(privateKey);
    assert.equal((await tokens.verify(await signFor("the-game"))).subject, "u4");
    assert.equal((await tokens.verify(await signFor(["the-forum", "the-game"]))).subject, "u4");
    for (const token of [await signFor("the-forum"), await signFor([]), await sign("u4")])
      await assert.rejects(tokens.verify(token), { refusal: "TOKEN_INVALID" });
  });

  it("are neither valid nor invalid while the keys cannot be fetched or are no keys, and the reason is reported", async () => {
    const problems: (string | null)[] = [];
    const onKeys = (problem: string | null) => void problems.push(problem);
    const refused = ["connection refused", "no keys"].map(async (reason) => {
      const keys = () => Promise.reject(reason === "no keys" ? new errors.JWKSInvalid(reason) : new Error(reason));
      const studioTokens = [new StudioTokens({ issuer, keys, onKeys })];
      const unsure = new Sessions({ sql: use().sql, tokens: new Tokens(SECRET), studioTokens });
      await assert.rejects(unsure.authenticate(await sign("u5")), { refusal: "IDENTITY_UNAVAILABLE" });
    });
    await Promise.all(refused);
    assert.deepEqual(problems.sort(), ["connection refused", "no keys"]);
  });

  it("may expire, as the server's own, while their player is in a party, and not elsewhere", async () => {
    const admission = new SqlAdmission(use().sql, sessions, new Seasons(use().sql), () => elo);
    const own = (lifetime: number) =>
      new Tokens(SECRET).sign({ playerId: "own", kind: "anonymous", use: "join" }, lifetime);
    const studio = (lifetime: number) => sign("late", issuer, privateKey, Math.floor(Date.now() / 1000) + lifetime);
    for (const tokenFor of [own, studio]) {
      const member = await admission.identify(await tokenFor(3600), DUEL);
      const { playerId } = member;
      await assert.rejects(admission.identify(await tokenFor(-3600), DUEL), { refusal: "TOKEN_EXPIRED" });
      assert.deepEqual(await admission.identifyAgain(member, DUEL), member);
      await use().sql.query("update players set banned_until = now() + interval '1 hour' where id = $1", [playerId]);
      sessions.forget(playerId);
      await assert.rejects(admission.identifyAgain(member, DUEL), { refusal: "BANNED" });
      await use().sql.query("update players set banned_until = null where id = $1", [playerId]);
      await revokeTokens(use().sql, playerId);
      sessions.forget(playerId);
      await assert.rejects(admission.identifyAgain(member, DUEL), { refusal: "TOKEN_REVOKED" });
    }
  });

  it("are refused with another key or issuer, and after a log-out of all devices", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    await assert.rejects(sessions.authenticate(await sign("u2", issuer, other)), { refusal: "TOKEN_INVALID" });
    await assert.rejects(sessions.authenticate(await sign("u2", "https://else.example.com/")), {
      refusal: "TOKEN_INVALID",
    });
    const hs = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("u2")
      .setIssuer(issuer)
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(SECRET));
    await assert.rejects(sessions.authenticate(hs), { refusal: "TOKEN_INVALID" });
    const token = await sign("u3");
    const { playerId } = await sessions.authenticate(token);
    await use().sql.query("update players set tokens_valid_from = now() + interval '1 minute' where id = $1", [
      playerId,
    ]);
    sessions.forget(playerId);
    await assert.rejects(sessions.authenticate(token), { refusal: "TOKEN_REVOKED" });
  });
});

describe("without the database", () => {
  it("players are admitted by the signature of their token, unrated", async () => {
    const sql = new PgSql({ variable: "DATABASE_URL", url: "postgres://127.0.0.1:1/none", connectTimeoutMs: 500 });
    const tokens = new Tokens(SECRET);
    const sessions = new Sessions({ sql, tokens, studioTokens: [] });
    const admission = new SqlAdmission(sql, sessions, new Seasons(sql), () => elo);
    const token = await tokens.sign({ playerId: "p", kind: "account" });
    assert.deepEqual(await admission.identify(token, DUEL), {
      ...{ playerId: "p", kind: "account", version: 0, name: null, rating: null, games: null, deviation: null },
    });
    await assert.rejects(admission.identify(`${token}x`, DUEL), { refusal: "TOKEN_INVALID" });
    await sql.close();
  });
});

describe("passwords", () => {
  it("are hashed with a salt, and verified; a missing hash takes as much work as a wrong password", async () => {
    const passwords = new Passwords(CHEAP);
    const [a, b] = [await passwords.hash("secret"), await passwords.hash("secret")];
    assert.notEqual(a, b);
    assert.equal(await passwords.verify("secret", a), true);
    assert.equal(await passwords.verify("Secret", a), false);
    assert.equal(await passwords.verify("secret", null), false);
    assert.equal(passwords.hashes, 5);
  });

  it("are hashed two at a time, and refused if too many wait", async () => {
    const passwords = new Passwords(CHEAP);
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.hash("secret")));
    const refused = all.filter((one) => one.status === "rejected");
    assert.equal(refused.length, 100 - 66);
    assert.ok(refused.every(({ reason }) => reason instanceof PasswordsBusy));
    await passwords.hash("secret");
  });
});
