/** A password reset with the Colyseus SDK over a socket, a real mail server and both databases. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "@colyseus/sdk";
import type { Sql, SqlRunner } from "../../../src/platform/sql/Sql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { addReset, endResets } from "../../../src/players/database/passwordResets.ts";
import { changePassword, deletePlayer } from "../../../src/players/database/players.ts";
import { SmtpMailer } from "../../../src/players/mail/SmtpMailer.ts";
import { type Reply, TestApi } from "../../api/useApi.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { MailServer } from "../mail/MailServer.ts";

const DUEL = { game: "arena", mode: "duel" };

const MINUTE_MS = 60_000;
const PAGE = "https://play.example.com/arena/";

for (const [name, start] of sqlServers) {
  describe(`a forgotten password on ${name}`, function () {
    this.timeout(240_000);
    let database: SqlServer;
    let sql: Sql;
    let mail: MailServer;
    let api: TestApi;
    /** How far the clock is ahead, in ms. */
    let aheadMs = 0;
    before(async () => {
      database = await start("operational");
      sql = database.open();
      await migrate(sql);
      mail = await MailServer.start();
      const mailer = new SmtpMailer({ url: `smtp://127.0.0.1:${mail.port}`, from: "no-reply@example.com" });
      const now = () => Date.now() + aheadMs;
      api = new TestApi(sql, { mail: { mailer, publicUrl: PAGE, pausesMs: [1, 1, 1] }, now });
      await api.api.start();
    });
    beforeEach(() => {
      aheadMs = 0;
    });
    afterEach(() => assert.deepEqual(api.failures.splice(0), []));
    after(async () => {
      await api?.api.stop();
      await mail?.stop();
      await sql?.close();
      await database?.stop();
    });

    const forgot = (email: string): Promise<Reply> =>
      api.ask("POST", "/auth/forgot-password", { body: { email }, from: "192.0.2.9" });
    const reset = (token: string, password = "another horse"): Promise<Reply> =>
      api.ask("POST", "/auth/reset-password", { body: { token, password } });
    const login = async (email: string, password: string): Promise<number> =>
      (await api.ask("POST", "/auth/login", { body: { email, password } })).status;

    /** The token of the next message. */
    async function mailed(email: string): Promise<string> {
      const { to, text } = await mail.next();
      assert.deepEqual(to, [email]);
      const link = /^(https:\S+)#reset\/([\w-]{43})\r?$/m.exec(text);
      assert.equal(link?.[1], PAGE, text);
      return link![2];
    }

    /** Requests a reset, and returns the token of the message. */
    async function tokenFor(email: string): Promise<string> {
      assert.equal((await forgot(email)).status, 200);
      return mailed(email);
    }

    it("is replaced through the link in a message, which logs out all devices", async () => {
      const { id, token: session } = await api.account("ada@example.com", "Ada");
      const token = await tokenFor("ada@example.com");
      assert.equal(await login("ada@example.com", "correct horse"), 200);
      assert.equal((await api.get("/api/v1/me", { token: session })).id, id);
      assert.equal((await reset(token)).status, 204);
      assert.equal((await api.ask("GET", "/api/v1/me", { token: session })).body.code, "TOKEN_REVOKED");
      await assert.rejects(api.api.admission.identify(session, DUEL), { refusal: "TOKEN_REVOKED" });
      assert.equal(await login("ada@example.com", "correct horse"), 401);
      assert.equal(await login("ada@example.com", "another horse"), 200);
    });

    it("is replaced once per link, and then all other links of the player are invalid too", async () => {
      await api.account("bob@example.com");
      const [first, second] = [await tokenFor("bob@example.com"), await tokenFor("bob@example.com")];
      assert.equal((await reset(second)).status, 204);
      for (const token of [second, first])
        assert.equal((await reset(token, "a third horse")).body.code, "RESET_INVALID");
      assert.equal(await login("bob@example.com", "another horse"), 200);
    });

    it("is replaced exactly once by several concurrent uses of the player's links", async () => {
      await api.account("cyd@example.com");
      const tokens = [await tokenFor("cyd@example.com"), await tokenFor("cyd@example.com")];
      const replies = await Promise.all([...tokens, ...tokens].map((token, n) => reset(token, `horse number ${n}`)));
      assert.deepEqual(replies.map(({ status }) => status).sort(), [204, 401, 401, 401]);
      const winner = replies.findIndex(({ status }) => status === 204);
      assert.equal(await login("cyd@example.com", `horse number ${winner}`), 200);
    });

    it("is not replaced through a link that is half an hour old, nor with a token that was never sent", async () => {
      await api.account("dan@example.com");
      const token = await tokenFor("dan@example.com");
      aheadMs = 30 * MINUTE_MS + 1000;
      assert.equal((await reset(token)).body.code, "RESET_INVALID");
      aheadMs = 0;
      const hash = createHash("sha256").update(token).digest("base64url");
      for (const wrong of ["A".repeat(43), hash, `${token}A`, token.slice(1), token.toUpperCase(), "", "'"]) {
        const reply = await reset(wrong);
        assert.deepEqual([reply.status, reply.body.code], [401, "RESET_INVALID"], wrong);
      }
      assert.equal((await reset(token)).status, 204);
    });

    it("is not replaced by an invalid password, and the link stays valid", async () => {
      await api.account("eve@example.com");
      const token = await tokenFor("eve@example.com");
      assert.equal((await reset(token, "short")).status, 400);
      assert.equal((await reset(token)).status, 204);
    });

    it("causes the same response for known and unknown addresses, before mail is sent, and only the known one gets mail", async () => {
      await api.account("fay@example.com");
      const before = mail.recipients;
      const replies = [await forgot("nobody@example.com"), await forgot("fay@example.com")];
      const [unknown, known] = replies.map(({ status, text, headers }) => {
        const { "ratelimit-remaining": _, "ratelimit-reset": __, ...rest } = headers;
        return { status, text, rest };
      });
      assert.deepEqual(known, unknown);
      assert.equal(mail.recipients, before);
      await mailed("fay@example.com");
      assert.equal(mail.recipients, before + 1);
    });

    it("has only the hash of its token in the store, with an expiry time; the token itself is stored nowhere", async () => {
      const { id } = await api.account("gil@example.com");
      const token = await tokenFor("gil@example.com");
      const { rows: tables } = await sql.query<{ t: string }>(
        "select quote_ident(schemaname) || '.' || quote_ident(tablename) as t from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
      );
      for (const { t } of tables) {
        const { rows } = await sql.query(`select 1 from ${t} x where position($1 in x::text) > 0`, [token]);
        assert.deepEqual(rows, [], t);
      }
      const { rows } = await sql.query<{ token_hash: string; minutes: number }>(
        `select token_hash, round(extract(epoch from expires_at - now()) / 60)::int as minutes from password_resets where player_id = $1`,
        [id],
      );
      const hash = createHash("sha256").update(token).digest("base64url");
      assert.deepEqual(rows, [{ token_hash: hash, minutes: 30 }]);
    });

    it("has no valid link and no row left after a log-out of all devices or the deletion of the player", async () => {
      const { token: session } = await api.account("hal@example.com");
      const first = await tokenFor("hal@example.com");
      assert.equal((await api.ask("POST", "/api/v1/me/sessions/revoke", { token: session })).status, 204);
      assert.equal((await reset(first)).body.code, "RESET_INVALID");

      const { body } = await api.ask("POST", "/auth/login", {
        body: { email: "hal@example.com", password: "correct horse" },
      });
      const second = await tokenFor("hal@example.com");
      assert.equal((await api.ask("DELETE", "/api/v1/me", { token: body.token })).status, 204);
      assert.equal((await reset(second)).body.code, "RESET_INVALID");
      const { id } = body.user;
      const count = async () =>
        (await sql.query("select 1 from password_resets where player_id = $1", [id])).rows.length;
      assert.equal(await count(), 0);
      const late = { tokenHash: "h", playerId: id, expiresAt: new Date(Date.now() + MINUTE_MS) };
      assert.equal(await addReset(sql, late, new Date()), false);
      assert.equal(await count(), 0);
    });

    // The embedded database runs one transaction at a time.
    if (name === "PostgreSQL")
      it("leaves no link behind, even if one is added while the password is changed or the player is deleted", async () => {
        const [others, watch] = [database.open(), database.open()];
        const late = (playerId: string) => ({
          tokenHash: playerId,
          playerId,
          expiresAt: new Date(Date.now() + MINUTE_MS),
        });
        const ways: [string, (tx: SqlRunner, id: string) => Promise<unknown>][] = [
          ["set@example.com", (tx, id) => changePassword(tx, id, "hash").then(() => endResets(tx, id))],
          ["deleted@example.com", deletePlayer],
        ];
        for (const [email, end] of ways) {
          const { id } = await api.account(email);
          let ending: Promise<unknown> | undefined;
          await sql.transaction(async (tx) => {
            assert.equal(await addReset(tx, late(id), new Date()), true);
            ending = others.transaction((other) => end(other, id));
            await untilLocked(watch);
          });
          await ending;
          const { rows } = await sql.query("select 1 from password_resets where player_id = $1", [id]);
          assert.deepEqual(rows, [], email);
        }
        await Promise.all([others.close(), watch.close()]);
      }).timeout(10_000);

    it("has its expired links removed from the store", async () => {
      await api.account("ida@example.com");
      await tokenFor("ida@example.com");
      aheadMs = 31 * MINUTE_MS;
      await tokenFor("ida@example.com");
      const { rows } = await sql.query("select 1 from password_resets where expires_at <= $1", [
        new Date(Date.now() + aheadMs),
      ]);
      assert.deepEqual(rows, []);
      await sql.query("delete from password_resets");
    });

    it("gets its mail after temporary refusals by the mail server; a permanent refusal is reported without the address", async () => {
      await api.account("joe@example.com");
      mail.refusals.push({ code: 451, text: "later" }, { code: 421, text: "later" });
      const token = await tokenFor("joe@example.com");
      assert.equal((await reset(token)).status, 204);

      mail.refusals.push({ code: 550, text: "<joe@example.com> is unknown" });
      assert.equal((await forgot("joe@example.com")).status, 200);
      while (api.failures.length === 0) await new Promise(setImmediate);
      const [failure] = api.failures.splice(0) as Error[];
      assert.match(failure.message, /^SMTP_URL: .*550/);
      assert.doesNotMatch(`${failure.stack}${JSON.stringify(failure)}`, /joe|#reset/);
    });

    it("can be requested a few times per hour for one address, known or not, by all clients together", async () => {
      const strict = new TestApi(sql, { limitFactor: 1 });
      await strict.account("kim@example.com");
      const ask = (email: string, from: string) =>
        strict.ask("POST", "/auth/forgot-password", { body: { email }, from });
      for (const email of ["kim@example.com", "nobody.kim@example.com"]) {
        const replies: Reply[] = [];
        for (let n = 0; n < 5; n++) replies.push(await ask(n % 2 === 0 ? email : email.toUpperCase(), `192.0.2.${n}`));
        assert.deepEqual(
          replies.map(({ status }) => status),
          [200, 200, 200, 200, 429],
        );
        assert.ok(Number(replies[4].headers["retry-after"]) > 3000);
      }
      await strict.api.stop();
    });

    it("is refused with MAIL_NOT_CONFIGURED by a server that sends no mail, for every address", async () => {
      const silent = new TestApi(sql, { mail: null });
      for (const email of ["ada@example.com", "nobody@example.com"]) {
        const reply = await silent.ask("POST", "/auth/forgot-password", { body: { email } });
        assert.deepEqual([reply.status, reply.body.code], [501, "MAIL_NOT_CONFIGURED"]);
      }
      await silent.api.stop();
    });

    describe("with the Colyseus SDK", () => {
      let server: Server;
      before(async () => {
        server = createServer((request, response) => void api.api.handle(request, response));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      });
      after(() => {
        server.closeAllConnections();
        server.close();
      });

      it("is replaced after `sendPasswordResetEmail`", async () => {
        const client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        await client.auth.registerWithEmailAndPassword("lea@example.com", "correct horse");
        await client.auth.sendPasswordResetEmail("Lea@example.com");
        assert.equal((await reset(await mailed("lea@example.com"))).status, 204);
        await assert.rejects(client.auth.getUserData(), /TOKEN_REVOKED/);
        await client.auth.signInWithEmailAndPassword("lea@example.com", "another horse");
      });
    });
  });
}

/** Resolves when a transaction waits for the lock of another. */
async function untilLocked(sql: Sql): Promise<void> {
  const asked = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  while ((await sql.query(asked)).rows.length === 0) await new Promise(setImmediate);
}
