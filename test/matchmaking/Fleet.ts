/**
 * Several processes of the whole program, each with rooms, HTTP and the relay of its own outbox, on one Redis, one database and
 * one Kafka. Creates players with given ratings in the database.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { Redis } from "ioredis";
import { openSql } from "../../src/platform/sql/openSql.ts";
import { Tokens } from "../../src/players/auth/Tokens.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { Program } from "../chaos/Program.ts";
import { readWithKcat } from "../pipeline/relay/kcat.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import type { SharedServices } from "../tools/services/useServices.ts";
import { type Person, patientClientOf, plain } from "./Entrant.ts";

const SECRET = "the same for every process of these tests";

export class Fleet {
  readonly programs: Program[] = [];
  readonly env: Readonly<Record<string, string>>;
  /** The variables of the programs' users, which have only the privileges that they need. */
  #limited: Readonly<Record<string, string>> = {};
  /** A connection of the test's own to the shared Redis. */
  readonly redis: Redis;
  readonly #gone = new Set<Program>();
  readonly #folder = mkdtempSync(path.join(tmpdir(), "hypogeum-fleet-"));

  private constructor(env: Readonly<Record<string, string>>) {
    this.env = env;
    this.redis = new Redis(env.REDIS_URL);
    this.redis.on("error", () => {});
  }

  /** `env`: variables for all processes, in addition to the usual ones. */
  static async start(
    { admin: urls, createDatabase }: Pick<SharedServices, "admin" | "createDatabase">,
    count: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Fleet> {
    const database = await createDatabase();
    const fleet = new Fleet({
      ...urls,
      ...{ DATABASE_URL: database, WAREHOUSE_URL: database, NAMESPACE: `${uniqueNamespace()}-`, JWT_SECRET: SECRET },
      ...{ ROLES: "game,api,relay", GAMES: path.join(import.meta.dirname, "fleetGames.ts") },
      ...{ LOG_LEVEL: "debug", TICK_RATE: "10", KAFKA_PARTITIONS: "1" },
      // On a slow machine, some players confirm too late, and try again at once.
      QUEUE_COOLDOWN_SECONDS: "0",
      // All players come from one address.
      ADDRESS_LIMIT_FACTOR: "1000000",
      ...env,
    });
    try {
      // S3 is not used.
      fleet.#limited = { ...(await leastPrivileges({ ...fleet.env, S3_BUCKET: "" })), ...env };
      await fleet.add();
      await Promise.all(Array.from({ length: count - 1 }, () => fleet.add()));
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  /** Starts one more process. */
  async add(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const dataDir = path.join(this.#folder, String(this.programs.length));
    const program = await Program.make({ dataDir, env: { ...this.env, ...this.#limited, ...env }, oneOfMany: true });
    this.programs.push(program);
    await program.start();
    await program.untilHealthy();
    return program;
  }

  key(name: string): string {
    return `${this.env.NAMESPACE}${name}`;
  }

  /** All Redis keys of this fleet. */
  keys(): Promise<string[]> {
    return this.redis.keys(`${this.env.NAMESPACE}*`);
  }

  async listings(): Promise<{ roomId: string; name: string; processId: string; publicAddress: string }[]> {
    return (await this.redis.hvals(this.key("{rooms}:rooms"))).map((text) => JSON.parse(text));
  }

  /**
   * Resolves to the running programs by process id. Creates rooms until every process hosts one, because listings contain the id.
   */
  async processes(withinMs = 60_000): Promise<Map<string, Program>> {
    const found = new Map<string, Program>();
    const rooms: Room[] = [];
    await until(
      async () => {
        // A player may have only a few seats.
        const [player] = await this.createPlayers("duel", [1500]);
        const client = await patientClientOf(this.programs.at(-1)!.url, player);
        rooms.push(plain(await client.create<any>("arena", { mode: "duel" })));
        for (const { processId, publicAddress } of await this.listings()) {
          const program = this.running.find(({ port }) => publicAddress === `127.0.0.1:${port}`);
          if (program !== undefined) found.set(processId, program);
        }
        return found.size === this.running.length;
      },
      "every process hosts a room",
      withinMs,
    );
    await Promise.all(rooms.map((room) => room.leave()));
    return found;
  }

  /** All entries of a mode in the pool, including those with an unconfirmed match. */
  async entries(mode: string): Promise<{ mode: string; players: { playerId: string }[] }[]> {
    const all = (await this.redis.hvals(this.key("{pool:arena}:entries"))).map((text) => JSON.parse(text));
    return all.filter((entry) => entry.mode === mode);
  }

  /** The processes and tickets that the pool considers alive. */
  holders(): Promise<string[]> {
    return this.redis.zrange(this.key("{pool:arena}:holders"), 0, -1);
  }

  /** Resolves to the lease of a mode, which names the process that pairs it. */
  leaseOf(mode: string, version = "1"): Promise<Record<string, string>> {
    return this.redis.hgetall(this.key(`{pool:arena}:lease:${mode}|${version}`));
  }

  /** Programs that have not been ended with `end`. */
  get running(): readonly Program[] {
    return this.programs.filter((program) => !this.#gone.has(program));
  }

  /** Kills a program, or stops it gracefully. */
  async end(program: Program, how: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#gone.add(program);
    await (how === "SIGKILL" ? program.kill() : program.stop());
  }

  /** Resolves to the Redis keys that still mention a process, except keys that expire. */
  async tracesOf(processId: string): Promise<string[]> {
    const found: string[] = [];
    for (const key of await this.keys()) {
      if ((await this.redis.pttl(key)) >= 0) continue;
      // Other processes are running, so the key may have changed its type meanwhile.
      const values = await this.#valuesOf(key).catch(() => []);
      if ([key, ...values].some((text) => text.includes(processId)))
        found.push(`${key}: ${values.join(" ").slice(0, 200)}`);
    }
    return found;
  }

  async #valuesOf(key: string): Promise<string[]> {
    const kind = await this.redis.type(key);
    if (kind === "hash") return Object.entries(await this.redis.hgetall(key)).flat();
    if (kind === "zset") return this.redis.zrange(key, 0, -1);
    if (kind === "set") return this.redis.smembers(key);
    if (kind === "list") return this.redis.lrange(key, 0, -1);
    return [(await this.redis.get(key)) ?? ""];
  }

  /** Creates one account for each rating, with 30 matches already played. */
  async createPlayers(mode: string, ratings: readonly number[]): Promise<Person[]> {
    const sql = await openSql({ variable: "DATABASE_URL", url: this.env.DATABASE_URL });
    const tokens = new Tokens(SECRET);
    const ids = ratings.map(() => randomUUID());
    try {
      await sql.query("insert into players (id, kind) select id, 'account' from unnest($1::text[]) id", [ids]);
      await sql.query(
        `insert into ratings (season_id, game, mode, player_id, base, rating, games)
         select (select max(id) from seasons), 'arena', $1, p.id, p.rating, p.rating, 30
         from unnest($2::text[], $3::int[]) as p (id, rating)`,
        [mode, ids, ratings],
      );
    } finally {
      await sql.close();
    }
    const signed = ids.map((playerId) => tokens.sign({ playerId, kind: "account" }));
    return Promise.all(ids.map(async (playerId, at) => ({ playerId, rating: ratings[at], token: await signed[at] })));
  }

  /** Resolves to all messages of a topic so far, without duplicates. */
  async messages(topic: string): Promise<Record<string, any>[]> {
    const read = await readWithKcat(this.env.KAFKA_BROKERS, this.env.NAMESPACE, topic);
    const byId = new Map(read.map((message) => [message.headers.id, message]));
    return [...byId.values()].map(({ value }) => JSON.parse(value));
  }

  /** Resolves to all events of a match topic so far, each with the fields of its message. */
  async events(topic: string): Promise<Record<string, any>[]> {
    return (await this.messages(topic)).flatMap(({ events, ...rest }) =>
      events.map((event: object) => ({ ...rest, ...event })),
    );
  }

  /** Returns the log lines of all processes so far, without other output. */
  logLines(): Record<string, any>[] {
    const lines = this.programs.flatMap(({ output }) => output.split("\n"));
    return lines.flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line)] : []));
  }

  async stop(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.kill()));
    this.redis.disconnect();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Polls until `holds` returns true. After `withinMs` it rejects, and the error names `what`. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string | (() => string),
  withinMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`not true within ${withinMs / 1000} s: ${typeof what === "string" ? what : what()}`);
    await delay(100);
  }
}
