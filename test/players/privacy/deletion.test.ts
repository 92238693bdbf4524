/**
 * A name and an e-mail address are stored only where they may be, and nothing of them is left once the player is deleted: in no
 * table, topic, key, object or file of the whole program on real services, nor in its log.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { uniqueNamespace } from "../../../tools/services/startServices.ts";
import { Program } from "../../chaos/Program.ts";
import { untilAccepted } from "../../chaos/untilAccepted.ts";
import { leastPrivileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { MailServer } from "../mail/MailServer.ts";
import { findTraces, type Searched, type Stores } from "./findTraces.ts";

const GAMES = path.join(import.meta.dirname, "../../chaos/games.ts");

describe("a player of the whole program", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis", "s3");
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const mark = randomBytes(6).toString("hex");
  const [name, address, password] = [`Nm${mark}`, `Mail.${mark}@example.com`, `secret ${mark} word`];
  const texts = [name, address, password];
  const urls: string[] = [];
  let program: Program;
  let databases: Record<string, Sql>;
  let stores: Stores;
  let client: Client;
  let mail: MailServer;

  before(async () => {
    mail = await MailServer.start();
    urls.push(await services().createDatabase(), await services().createDatabase());
    const [DATABASE_URL, WAREHOUSE_URL] = urls;
    const env = {
      ...services().admin,
      ...{ DATABASE_URL, WAREHOUSE_URL, NAMESPACE: `${uniqueNamespace()}-`, GAMES },
      ...{ KAFKA_PARTITIONS: "2", WAREHOUSE_MOVE_TICKS: "1", LAKE_FLUSH_SECONDS: "1", RANK_ANONYMOUS: "1" },
      ...{
        SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
        MAIL_FROM: "a@b.example",
        PUBLIC_URL: "https://play.example.com",
      },
      ...{ LOG_LEVEL: "trace", ADMIN_USER: "op", ADMIN_PASSWORD: "operator-password" },
    };
    program = await Program.start({ dataDir, env: { ...env, ...(await leastPrivileges(env)) } });
    databases = {
      operational: await openSql({ variable: "DATABASE_URL", url: DATABASE_URL }),
      warehouse: await openSql({ variable: "WAREHOUSE_URL", url: WAREHOUSE_URL }),
    };
    stores = { env, databases, dataDir };
    await program.untilHealthy();
  });
  after(async () => {
    await program?.stop();
    await mail?.stop();
    for (const sql of Object.values(databases ?? {})) await sql.close();
    for (const url of urls) await services().dropDatabase(url);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const get = async (route: string) => {
    const answer = await fetch(`${program.url}/api/v1${route}`);
    return answer.ok ? ((await answer.json()) as any) : null;
  };
  const own = (method: string, route: string) =>
    fetch(`${program.url}/api/v1${route}`, { method, headers: { authorization: `Bearer ${client.auth.token}` } });

  async function signedOut(): Promise<Client> {
    const made = new Client(program.url);
    // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
    await new Promise(setImmediate);
    made.auth.token = undefined as never;
    return made;
  }

  /** The token of a reset message, after two messages that the mail server refused with the address in its answer. */
  async function mailedToken(stranger: Client): Promise<string> {
    mail.refusals.push({ code: 450, text: `<${address}> later` }, { code: 550, text: `<${address}> never` });
    await stranger.auth.sendPasswordResetEmail(address);
    while (mail.recipients < 1) await pause(20);
    await stranger.auth.sendPasswordResetEmail(address);
    while (mail.recipients < 2) await pause(20);
    await stranger.auth.sendPasswordResetEmail(address);
    return /#reset\/([\w-]{43})/.exec((await mail.next()).text)![1];
  }

  /** Plays a duel from the queue, after a party with an invitation: all paths on which a name is sent. Returns the match id. */
  async function playDuel(): Promise<string> {
    const party = await untilAccepted(() => client.create<any>("party", { name }));
    const other = await signedOut();
    await other.auth.signInAnonymously();
    party.send("invite", { playerId: "stranger" });
    await party.leave();
    const rooms: Room<any, any>[] = await Promise.all(
      [client, other].map(async (each) => {
        const queue = await untilAccepted(() =>
          each.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo", name }),
        );
        const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
        const room = await each.consumeSeatReservation<any>(seat);
        room.onMessage("facts", () => {});
        queue.send("confirm");
        return room;
      }),
    );
    const deadlineMs = Date.now() + 30_000;
    while (rooms.some(({ state }) => state.phase !== "playing")) {
      assert.ok(Date.now() < deadlineMs, "the duel did not start");
      await pause(20);
    }
    const { matchId } = rooms[0].state;
    for (const room of rooms) {
      room.reconnection.enabled = false;
      await room.leave();
    }
    return matchId;
  }

  /** Resolves once the match is in the match history, the warehouse and the lake. */
  async function arrived(matchId: string): Promise<void> {
    const there = async () => {
      if ((await get(`/matches/${matchId}`)) === null) return false;
      const { rows } = await databases.warehouse.query(
        "select 1 from dw.dim_match where match_id = $1 and ended_at is not null",
        [matchId],
      );
      return rows.length > 0;
    };
    for (const deadlineMs = Date.now() + 60_000; !(await there()); await pause(100))
      assert.ok(Date.now() < deadlineMs, "the match did not arrive");
    // Files of the lake are closed a second after their first row.
    await pause(5000);
  }

  const expect = ({ found, searched }: Searched, wanted: Record<string, string[]>) => {
    assert.deepEqual(found, { ...Object.fromEntries(texts.map((text) => [text, []])), ...wanted });
    for (const [what, count] of Object.entries(searched)) assert.ok(count > 2, `${count} ${what} were searched`);
  };

  it("has name and address in one table each, and password and reset token in none", async () => {
    client = await signedOut();
    await client.auth.registerWithEmailAndPassword(address, password, { name });
    const stranger = await signedOut();
    await assert.rejects(stranger.auth.signInWithEmailAndPassword(address, `not ${password}`));
    await stranger.auth.signInWithEmailAndPassword(address, password);
    texts.push(await mailedToken(stranger));
    await arrived(await playDuel());
    assert.ok((await get("/rankings?mode=duel")).entries.some((entry: any) => entry.name === name));
    assert.equal((await own("GET", "/me/export")).status, 200);
    expect(await findTraces(stores, texts), {
      [name]: ["operational public.players"],
      [address]: ["operational public.player_identities"],
    });
  });

  it("is found by id everywhere, which proves that every store is searched", async () => {
    const { id } = (await (await own("GET", "/me")).json()) as any;
    const locations = (await findTraces(stores, [id])).found[id];
    const [publicTables, facts, log, redis, lake] = [
      "operational public.",
      "warehouse dw.",
      "topic logs_match",
      "redis ",
      "object raw/",
    ];
    for (const location of [publicTables, facts, log, redis, lake])
      assert.ok(
        locations.some((found) => found.startsWith(location)),
        `${location} among ${locations.join(", ")}`,
      );
  });

  it("leaves no trace once deleted", async () => {
    assert.equal((await own("DELETE", "/me")).status, 204);
    expect(await findTraces(stores, texts), {});
    assert.ok((await get("/rankings?mode=duel")).entries.every((entry: any) => entry.name !== name));
  });

  it("never appears in the log of the program", async () => {
    await program.stop();
    assert.ok(program.output.length > 1000);
    assert.match(program.output, /SMTP_URL: the mail server did not accept a message: \w+ \(550 in reply to RCPT\)/);
    for (const text of texts) assert.ok(!program.output.toLowerCase().includes(text.toLowerCase()), text);
    expect(await findTraces(stores, texts), {});
  });
});
