/** Tickets over REST to the end: players without a queue socket join one duel with the unmodified SDK. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Client, Room } from "@colyseus/sdk";
import { Redis } from "ioredis";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { Ledger, storingHandler } from "../pipeline/log/Ledger.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const request = { mode: "duel", strategy: "elo" };

interface TestPlayer {
  readonly client: Client;
  readonly playerId: string;
  ask(method: string, route: string, body?: object): Promise<{ status: number; body: any }>;
}

async function signIn(url: string): Promise<TestPlayer> {
  const client = await guest(url);
  const { user } = await client.auth.getUserData();
  const headers = { authorization: `Bearer ${client.auth.token}`, "content-type": "application/json" };
  return {
    ...{ client, playerId: (user as { id: string }).id },
    async ask(method, route, body) {
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const answer = await fetch(`${url}/api/v1/matchmaking/tickets${route}`, init);
      return { status: answer.status, body: await answer.json() };
    },
  };
}

/** Two players create tickets and take their seats. Returns their ids once both are in the state of one match. */
async function playByTicket(url: string): Promise<string[]> {
  const players = [await signIn(url), await signIn(url)];
  const rooms: Room<any, any>[] = [];
  const tickets: string[] = [];
  for (const { ask } of players) {
    const { status, body } = await ask("POST", "", request);
    assert.deepEqual([status, body.status], [201, "queued"]);
    tickets.push(body.ticketId);
  }
  const found = await Promise.all(players.map(({ ask }, i) => ask("GET", `/${tickets[i]}?wait=20`)));
  for (const [i, { client }] of players.entries()) {
    assert.equal(found[i].body.status, "matched");
    const room = await client.consumeSeatReservation<any>(found[i].body.seat);
    room.onMessage("facts", () => {});
    rooms.push(room);
  }
  const ids = players.map(({ playerId }) => playerId).sort();
  assert.equal(new Set(rooms.map(({ roomId }) => roomId)).size, 1);
  const seated = (state: any) => [...state.players.values()].map(({ playerId }) => playerId).sort();
  await new Promise<void>((resolve) => {
    rooms[0].onStateChange((state: any) => {
      if (state.phase === "playing") resolve();
    });
  });
  assert.deepEqual(seated(rooms[0].state), ids);
  const after = await players[0].ask("GET", `/${tickets[0]}`);
  assert.deepEqual(after.body, { ticketId: tickets[0], status: "matched" }, "the ticket stays matched");
  for (const room of rooms) {
    room.reconnection.enabled = false;
    await room.leave();
  }
  return ids;
}

describe("tickets over REST", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-tickets-"));
  const programs: Program[] = [];
  const common = { GAMES, LOG_LEVEL: "warn", JWT_SECRET: "the same for every process of these tests" };

  async function start(dataDir: string, env: Record<string, string>, oneOfMany?: true): Promise<Program> {
    const options = { dataDir: path.join(folder, dataDir), env: { ...common, ...env } };
    const program = await Program.start({ ...options, ...(oneOfMany && { oneOfMany }) });
    programs.push(program);
    await program.untilHealthy();
    return program;
  }
  afterEach(() => Promise.all(programs.splice(0).map((program) => program.stop())));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("seat two players in one duel, embedded", async () => {
    const { url } = await start("embedded", {});
    await playByTicket(url);
  });

  describe("on many processes", () => {
    const services = useServices("kafka", "postgres", "redis");

    it("seat two players in one duel from a process without rooms, and log every step as an event", async () => {
      const { env } = services();
      const databaseUrl = await services().createDatabase();
      const databases = await leastPrivileges({ DATABASE_URL: databaseUrl, WAREHOUSE_URL: databaseUrl });
      const whole = { ...env, ...databases, NAMESPACE: services().namespace() };
      const log = new KafkaLog(kafkaConfig(whole)!, silent);
      try {
        await start("host", { ...whole, ROLES: "game" }, true);
        const { url } = await start("host", { ...whole, ROLES: "api,relay" });
        const ids = await playByTicket(url);
        const ledger = new Ledger();
        await log.consume("reader", ["logs_queue"], storingHandler(ledger));
        await ledger.until(() => ledger.effects.length >= 6);
        const events = ledger.effects.map(({ value }) => JSON.parse(String(value)));
        for (const id of ids) {
          const kinds = events.filter(({ player }) => player === id).map(({ kind }) => kind);
          assert.deepEqual(kinds.sort(), ["confirmed", "entered", "matched"]);
        }
      } finally {
        await log.close();
        await Promise.all(programs.splice(0).map((program) => program.stop()));
        await services().dropDatabase(databaseUrl);
      }
    });

    it("are unknown after Redis has lost them, and can be created again", async () => {
      const { env } = services();
      const namespace = services().namespace();
      const { url } = await start("wiped", { REDIS_URL: env.REDIS_URL, NAMESPACE: namespace });
      const one = await signIn(url);
      const { body } = await one.ask("POST", "", request);
      await deleteKeys(services().admin.REDIS_URL, `${namespace}{pool:*`);
      const asked = await one.ask("GET", `/${body.ticketId}`);
      assert.deepEqual([asked.status, asked.body.code], [404, "TICKET_UNKNOWN"]);
      assert.equal((await one.ask("POST", "", request)).status, 201);
    });
  });
});

async function deleteKeys(redisUrl: string, pattern: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    await redis.unlink(...(await redis.keys(pattern)));
  } finally {
    redis.disconnect();
  }
}
