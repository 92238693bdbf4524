import assert from "node:assert/strict";
import type { Client } from "@colyseus/sdk";
import { SignJWT, UnsecuredJWT } from "jose";
import { frameworkRefusals, type RefusalName, refusals } from "../../schema/codes.ts";
import { Tokens } from "../../src/players/auth/Tokens.ts";
import type { Admission } from "../../src/players/identity/Admission.ts";
import { tag } from "../tag/tag.ts";
import { Host, until } from "./Host.ts";

/** Asserts that `attempt` is refused with the documented code, named in the message. */
async function assertRefused(attempt: Promise<unknown>, refusal: RefusalName): Promise<void> {
  await assert.rejects(attempt, (error: any) => {
    assert.equal(error.code, refusals[refusal].code, error.message);
    assert.match(error.message, new RegExp(`^${refusal}\\b`));
    return true;
  });
}

describe("admission", () => {
  const game = { ...tag, modes: { ...tag.modes, pair: { ...tag.modes.pair, waitMs: 60_000 } } };
  const host = new Host();
  let identified = 0;
  const admission: Admission = {
    identifyAgain: () => assert.fail("no party is queued"),
    async identify(token) {
      identified++;
      return { ...(await host.running.tokens.verify(token)), name: null, rating: 1510, games: 3 };
    },
  };
  before(() => host.start({ games: [game], admission }, ["--regions", "local,eu"]));
  afterEach(async () => {
    host.tickEvents.reason = null;
    await host.leaveAll();
  });
  after(() => host.stop());

  const joinWithToken = async (token: string | undefined) => {
    const client = await host.newClient();
    client.auth.token = token as never;
    return client.joinOrCreate("tag", { mode: "pair" });
  };

  describe("by token", () => {
    const secret = "another-secret-another-secret-another";

    it("refuses a client that has not signed in", () => assertRefused(joinWithToken(undefined), "TOKEN_MISSING"));

    it("refuses a malformed token", () => assertRefused(joinWithToken("abc.def.ghi"), "TOKEN_INVALID"));

    it("refuses a token signed with another key", async () => {
      const token = await new Tokens(secret).sign({ playerId: "p", kind: "anonymous" });
      await assertRefused(joinWithToken(token), "TOKEN_INVALID");
    });

    it("refuses a token without a signature", () => {
      const token = new UnsecuredJWT({ kind: "anonymous", ver: 1 }).setSubject("p").setExpirationTime("1h").encode();
      return assertRefused(joinWithToken(token), "TOKEN_INVALID");
    });

    it("refuses a token whose claims were changed", async () => {
      const token = await host.running.tokens.sign({ playerId: "p", kind: "anonymous" });
      const [head, , signature] = token.split(".");
      const claims = { sub: "q", kind: "account", ver: 1, exp: 4_000_000_000 };
      const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
      await assertRefused(joinWithToken(forged), "TOKEN_INVALID");
    });

    it("refuses an expired token", async () => {
      const token = await host.running.tokens.sign({ playerId: "p", kind: "anonymous" }, -1);
      await assertRefused(joinWithToken(token), "TOKEN_EXPIRED");
    });

    it("refuses a token without an expiry time", async () => {
      const key = new TextEncoder().encode(secret);
      const own = new Tokens(secret);
      const token = await new SignJWT({ kind: "anonymous", ver: 1 })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject("p")
        .sign(key);
      await assert.rejects(own.verify(token), { refusal: "TOKEN_INVALID" });
    });

    it("keeps the player's id when they sign in again with a valid token", async () => {
      const client = await host.signedInClient();
      const first = await client.auth.getUserData<{ id: string }>();
      const again = await client.auth.signInAnonymously<{ id: string }>();
      assert.equal(again.user.id, first.user.id);
    });

    it("puts only id, kind, version, expiry, issuer and audience into a token", async () => {
      const token = await host.running.tokens.sign({ playerId: "p", kind: "anonymous" });
      const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
      assert.deepEqual(Object.keys(claims).sort(), ["aud", "exp", "iss", "kind", "sub", "ver"]);
    });
  });

  describe("by options", () => {
    let client: Client;
    before(async () => {
      client = await host.signedInClient();
    });
    const cases: [string, unknown, RefusalName][] = [
      ["no mode", {}, "MODE_UNKNOWN"],
      ["an unknown mode", { mode: "chess" }, "MODE_UNKNOWN"],
      ["a mode that is a property of every object", { mode: "constructor" }, "MODE_UNKNOWN"],
      ["a mode of the wrong type", { mode: 7 }, "OPTIONS_INVALID"],
      ["an unknown option", { mode: "pair", admin: true }, "OPTIONS_INVALID"],
      ["an option that only the server sets", { mode: "pair", source: "queue" }, "OPTIONS_INVALID"],
      ["an unknown role", { mode: "pair", role: 1 }, "OPTIONS_INVALID"],
      ["a role that is not an integer", { mode: "pair", role: 0.5 }, "OPTIONS_INVALID"],
      ["a region with spaces", { mode: "pair", region: "a b" }, "OPTIONS_INVALID"],
      ["an unknown region", { mode: "pair", region: "us" }, "OPTIONS_INVALID"],
      ["a band", { mode: "pair", band: 30 }, "OPTIONS_INVALID"],
      ["a rating", { mode: "pair", rating: 3000 }, "OPTIONS_INVALID"],
      ["a filter", { mode: "pair", filter: { roomId: "x" } }, "OPTIONS_INVALID"],
      ["a seat to return to", { mode: "pair", returnTo: "x" }, "OPTIONS_INVALID"],
      ["several modes", { mode: ["pair"] }, "OPTIONS_INVALID"],
      ["a strategy for a match without a queue", { mode: "pair", strategy: "random" }, "OPTIONS_INVALID"],
      ["a name of 25 characters", { mode: "pair", name: "x".repeat(25) }, "OPTIONS_INVALID"],
      ["a name with a line break", { mode: "pair", name: "a\nb" }, "OPTIONS_INVALID"],
      ["an empty name", { mode: "pair", name: "" }, "OPTIONS_INVALID"],
      ["a name with a space at its end", { mode: "pair", name: "Ann " }, "OPTIONS_INVALID"],
      ["a name of invisible characters", { mode: "pair", name: "\u3164\u3164" }, "OPTIONS_INVALID"],
      ["the name of a bot", { mode: "pair", name: "Bot 3" }, "OPTIONS_INVALID"],
      ["options that are an array", [], "OPTIONS_INVALID"],
      ["older rules", { mode: "pair", rulesVersion: "2.9" }, "RULES_TOO_OLD"],
      ["newer rules", { mode: "pair", rulesVersion: "3.0.1" }, "RULES_TOO_NEW"],
      ["a malformed rules version", { mode: "pair", rulesVersion: "latest" }, "OPTIONS_INVALID"],
    ];
    for (const [what, options, refusal] of cases) {
      it(`refuses ${what}`, () => assertRefused(client.joinOrCreate("tag", options as any), refusal));
    }

    it("refuses an unknown region by every method, and names the known ones", async () => {
      const options = { mode: "pair", region: "us" };
      const problem = /OPTIONS_INVALID: unknown region "us": expected one of local, eu/;
      await assert.rejects(client.joinOrCreate("tag", options), problem);
      await assert.rejects(client.join("tag", options), problem);
      await assert.rejects(client.create("tag", options), problem);
      const own = host.keep(await client.create<any>("tag", { mode: "pair", region: "eu" }));
      const other = await host.signedInClient();
      await assertRefused(other.joinById(own.roomId, { region: "us" }), "OPTIONS_INVALID");
      host.keep(await other.joinById<any>(own.roomId, { region: "eu" }));
    });

    it("names the known modes, and the invalid option", async () => {
      await assert.rejects(
        client.joinOrCreate("tag", { mode: "chess" }),
        /unknown mode "chess": expected one of pair, crowd/,
      );
      await assert.rejects(client.joinOrCreate("tag", { mode: "pair", role: -1 }), /role/);
      await assert.rejects(client.joinOrCreate("tag", {}), /missing mode: expected one of pair, crowd/);
      await assert.rejects(client.joinOrCreate("tag", { mode: "pair", role: 1 }), /invalid role 1: expected 0 to 0/);
    });

    it("refuses an unknown room name, also one that is a property of every object", async () => {
      for (const name of ["nothing", "constructor", "__proto__"]) {
        await assert.rejects(client.joinOrCreate(name), { code: frameworkRefusals.MATCHMAKE_NO_HANDLER.code });
      }
    });
  });

  describe("by method", () => {
    const pair = { mode: "pair" };

    it("joinOrCreate seats two players in one match, and the third in another", async () => {
      const rooms = [];
      for (let i = 0; i < 3; i++) rooms.push(await host.join("tag", pair));
      assert.equal(rooms[0].roomId, rooms[1].roomId);
      assert.notEqual(rooms[0].roomId, rooms[2].roomId);
    });

    it("separates modes and regions, and completes the options that the client omits", async () => {
      const plain = await host.join("tag", pair);
      assert.notEqual((await host.join("tag", { ...pair, region: "eu" })).roomId, plain.roomId);
      assert.notEqual((await host.join("tag", { mode: "crowd" })).roomId, plain.roomId);
      assert.equal((await host.join("tag", { ...pair, region: "local", rulesVersion: "3" })).roomId, plain.roomId);
      const { metadata } = host.local(plain);
      assert.deepEqual(metadata, { band: 15, mode: "pair", region: "local", rulesVersion: "3" });
    });

    it("create opens a private match that joinOrCreate never finds and joinById enters", async () => {
      const owner = await host.signedInClient();
      const own = host.keep(await owner.create<any>("tag", pair));
      assert.notEqual((await host.join("tag", pair)).roomId, own.roomId);
      const guest = await host.signedInClient();
      const entered = host.keep(await guest.joinById<any>(own.roomId, { role: 0, name: "Guest" }));
      await until(entered, (state) => state.phase === "playing");
      const records = host.match(own).records.flatMap(({ matchEvents }) => matchEvents) as any[];
      assert.equal(records.find(({ kind }) => kind === "created").source, "private");
      assert.equal(records.find(({ kind }) => kind === "started").rated, false);
    });

    it("a match of different players who used joinOrCreate is rated, with the ratings at its start", async () => {
      const room = await host.join("tag", pair);
      await host.join("tag", pair);
      await until(room, (state) => state.phase === "playing");
      const records = host.match(room).records.flatMap(({ matchEvents }) => matchEvents) as any[];
      const started = records.find(({ kind }) => kind === "started");
      assert.deepEqual([started.rated, started.weight], [true, 1]);
      assert.deepEqual(
        started.roster.map(({ rating, games }: any) => [rating, games]),
        [
          [1510, 3],
          [1510, 3],
        ],
      );
    });

    it("joinById is refused for all matches that are not private", async () => {
      const open = await host.join("tag", pair);
      const client = await host.signedInClient();
      await assertRefused(client.joinById(open.roomId, pair), "JOIN_BY_ID_REFUSED");
    });

    it("joinById refuses options that differ from those of the match", async () => {
      const own = host.keep(await (await host.signedInClient()).create<any>("tag", pair));
      const client = await host.signedInClient();
      await assertRefused(client.joinById(own.roomId, { mode: "crowd" }), "OPTIONS_INVALID");
      await assertRefused(client.joinById(own.roomId, { rulesVersion: "1" }), "RULES_TOO_OLD");
      await assert.rejects(client.joinById("nowhere", pair), {
        code: frameworkRefusals.MATCHMAKE_INVALID_ROOM_ID.code,
      });
    });

    it("join enters an open match and creates none", async () => {
      const client = await host.signedInClient();
      await assert.rejects(client.join("tag", { mode: "crowd" }), {
        code: frameworkRefusals.MATCHMAKE_INVALID_CRITERIA.code,
      });
      await assertRefused(client.join("tag"), "MODE_UNKNOWN");
      const open = await host.join("tag", pair);
      assert.equal(host.keep(await client.join<any>("tag", pair)).roomId, open.roomId);
    });

    it("identifies a player exactly once, also when the framework creates the room", async () => {
      identified = 0;
      const rooms = [await host.join("tag", pair), await host.join("tag", pair)];
      assert.equal(rooms[0].roomId, rooms[1].roomId);
      assert.equal(identified, 2);
    });

    it("a player gets only one seat, also by different modes", async () => {
      const client = await host.signedInClient();
      await host.join("tag", pair, client);
      await assertRefused(client.joinOrCreate("tag", { mode: "crowd" }), "ALREADY_SEATED");
    });

    it("starts no match while its events cannot be stored, and gives the reason", async () => {
      host.tickEvents.reason = "the outbox is full";
      const client = await host.signedInClient();
      await assert.rejects(client.joinOrCreate("tag", pair), {
        code: refusals.NOT_ACCEPTING.code,
        message: "NOT_ACCEPTING: the outbox is full",
      });
    });

    it("shows the requested name as it is, and a generated one otherwise", async () => {
      const named = await host.join("tag", { ...pair, name: "Ånn O’Brien 1" });
      const unnamed = await host.join("tag", pair);
      await until(unnamed, (state) => state.players.size === 2);
      assert.equal(unnamed.state.players.get(named.sessionId).name, "Ånn O’Brien 1");
      assert.match(unnamed.state.players.get(unnamed.sessionId).name, /^Player-[0-9a-f]{4}$/);
    });
  });
});
