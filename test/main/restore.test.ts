/** The whole program on real services, after PostgreSQL was restored from a dump that is older than the log. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Client, type Room } from "@colyseus/sdk";
import { Redis } from "ioredis";
import { openSql } from "../../src/platform/sql/openSql.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { Player } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { DatabaseDump } from "../platform/sql/DatabaseDump.ts";
import { useServices } from "../tools/services/useServices.ts";

const COMMAND = path.join(import.meta.dirname, "../../src/main/commands/command.ts");
const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");

interface Account {
  readonly client: Client;
  readonly id: string;
}

describe("the program after PostgreSQL was restored from an older dump", function () {
  this.timeout(600_000);
  const services = useServices("kafka", "postgres", "redis", "s3");
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const dumps: DatabaseDump[] = [];
  const urls: string[] = [];
  let env: Record<string, string>;
  let program: Program;
  let late: Account;

  before(async () => {
    urls.push(await services().createDatabase(), await services().createDatabase());
    const [DATABASE_URL, WAREHOUSE_URL] = urls;
    env = {
      ...services().admin,
      ...{ DATABASE_URL, WAREHOUSE_URL, NAMESPACE: `${uniqueNamespace()}-`, GAMES },
      ...{ KAFKA_PARTITIONS: "2", WAREHOUSE_MOVE_TICKS: "1", LAKE_FLUSH_SECONDS: "1" },
    };
    program = await Program.start({ dataDir, env });
    await program.untilHealthy();
  });
  after(async () => {
    await program?.stop();
    for (const dump of dumps) await dump.drop();
    for (const url of urls) await services().dropDatabase(url);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const get = async (route: string): Promise<any> => {
    const answer = await fetch(`${program.url}/api/v1${route}`);
    return answer.ok ? answer.json() : null;
  };

  async function until(what: string, isDone: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
    for (const deadlineMs = Date.now() + withinMs; !(await isDone()); await pause(200))
      assert.ok(Date.now() < deadlineMs, `${what} not within ${withinMs} ms: ${await program.reported()}`);
  }

  async function register(name: string): Promise<Account> {
    const client = new Client(program.url);
    // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    const { user } = (await client.auth.registerWithEmailAndPassword(`${name}@example.com`, "a long password", {
      name,
    })) as any;
    return { client, id: user.id };
  }

  /** Two players play a rated duel, which the first one leaves. Resolves once its result is there. */
  async function playDuel(...players: readonly Account[]): Promise<string> {
    const rooms: Room<any, any>[] = [];
    for (const { client } of players) {
      const room = await untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "duel" }));
      room.onMessage("facts", () => {});
      room.reconnection.enabled = false;
      rooms.push(room);
    }
    await until("the duel", async () => rooms.every(({ state }) => state.phase === "playing"));
    const { matchId } = rooms[0].state;
    const ended = until("the end of the duel", async () => rooms[1].state.phase === "ended");
    await rooms[0].leave();
    await ended;
    await rooms[1].leave();
    await until("the result", async () => (await get(`/matches/${matchId}`)) !== null);
    return matchId;
  }

  /** A match that starts while the database does not answer quickly, as on a slow machine, is not rated. */
  async function playRated(...players: readonly Account[]): Promise<string> {
    for (;;) {
      const matchId = await playDuel(...players);
      if ((await get(`/matches/${matchId}`)).rated) return matchId;
    }
  }

  const warehouseMatches = async (): Promise<{ match_id: string }[]> => {
    const sql = await openSql({ variable: "WAREHOUSE_URL", url: urls[1] });
    try {
      return (
        await sql.query<{ match_id: string }>(
          "select match_id, reason from dw.dim_match where ended_at is not null order by 1",
        )
      ).rows;
    } catch {
      // The database is being restored.
      return [];
    } finally {
      await sql.close();
    }
  };

  it("has the same results, ratings, rankings and facts again, without a restart or another match", async () => {
    const [ada, bob] = [await register("ada"), await register("bob")];
    const first = await playRated(ada, bob);
    await until("the first facts", async () => (await warehouseMatches()).some(({ match_id }) => match_id === first));
    for (const url of urls) dumps.push(await DatabaseDump.take(url));
    await program.untilHealthy();
    late = await register("late");
    const matchId = await playRated(ada, late);
    await until("the facts", async () => (await warehouseMatches()).some(({ match_id }) => match_id === matchId));
    await until("the ranking", async () => (await get("/rankings?mode=duel"))?.total === 3);
    const [match, ranking] = [await get(`/matches/${matchId}`), await get("/rankings?mode=duel")];
    const facts = await warehouseMatches();
    assert.ok(ranking.entries.some(({ playerId, rating }: any) => playerId === ada.id && rating !== 1500));

    for (const dump of dumps) await dump.restore();
    await until("the result after the restore", async () => (await get(`/matches/${matchId}`)) !== null);
    // The account "late" was made after the dump, and its name was only there.
    const withoutName = { ...match, participants: match.participants.map((one: any) => ({ ...one, name: undefined })) };
    const again = await get(`/matches/${matchId}`);
    assert.deepEqual(
      { ...again, participants: again.participants.map((one: any) => ({ ...one, name: undefined })) },
      withoutName,
    );
    await until("the ranking after the restore", async () => (await get("/rankings?mode=duel"))?.total === 2);
    const rated = (entries: any[]) =>
      entries
        .filter(({ playerId }) => playerId !== late.id)
        .map(({ playerId, rating, games }) => ({ playerId, rating, games }));
    await until("the ratings", async () =>
      isDeepStrictEqual(rated((await get("/rankings?mode=duel"))?.entries ?? []), rated(ranking.entries)),
    );
    await until("the facts after the restore", async () => isDeepStrictEqual(await warehouseMatches(), facts));
    await program.untilHealthy();
  });

  it("says in the log that the database was restored, and lists the accounts that it has lost", async () => {
    assert.match(program.output, /sink results: the stored offset of logs_match\[\d\] went back from \d+ to \d+/);
    assert.match(program.output, /sink warehouse: the stored offset of logs_match\[\d\] went back from \d+ to \d+/);
    const { code, out } = await runCommand(env, "players:lost");
    assert.match(
      out,
      new RegExp(`^${late.id}  \\d+ match(es)?, last seen \\S+\n1 players of matches are not in the database`),
    );
    assert.equal(code, 1);
  });

  it("rebuilds the rankings from the database after Redis was emptied", async () => {
    const before = await get("/rankings?mode=duel");
    const redis = new Redis(env.REDIS_URL);
    const keys = await redis.keys(`${env.NAMESPACE}*`);
    assert.ok(keys.some((key) => key.includes("{ladders}")));
    await redis.del(...keys);
    await redis.quit();
    await until("the ranking", async () => isDeepStrictEqual(await get("/rankings?mode=duel"), before));
    await program.untilHealthy();
  });
});

describe("the program without Kafka after PostgreSQL was restored from an older dump", function () {
  this.timeout(600_000);
  const services = useServices("postgres");
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  let url: string;
  let program: Program;
  let dump: DatabaseDump;

  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(program.output);
  });
  after(async () => {
    await program?.stop();
    await dump?.drop();
    await services().dropDatabase(url);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("reports which messages are missing, and the command that it names stores them from the lake", async () => {
    url = await services().createDatabase();
    const env = { DATABASE_URL: url, GAMES, LAKE_FLUSH_SECONDS: "1", DATA_DIR: dataDir };
    program = await Program.start({ dataDir, env });
    await program.untilHealthy();
    const isThere = async (matchId: string) => (await fetch(`${program.url}/api/v1/matches/${matchId}`)).ok;
    const until = async (isDone: () => Promise<boolean> | boolean) => {
      for (const deadlineMs = Date.now() + 120_000; !(await isDone()); await pause(200))
        assert.ok(Date.now() < deadlineMs, `${await program.reported()}`);
    };
    /** Plays a match. Resolves with its id once every sink has stored it. */
    const play = async () => {
      const player = new Player({ url: () => program.url, game: "arena", mode: "duel", alone: true, matchesMax: 1 });
      await player.playing;
      const [{ matchId }] = player.matchesSeen;
      await until(() => isThere(matchId));
      await until(async () => (await runCommand(env, "audit", matchId)).code === 0);
      return matchId;
    };
    await play();
    dump = await DatabaseDump.take(url);
    const matchId = await play();
    // The outbox deletes a message soon after every sink has stored it.
    const storedAtMs = performance.now();
    await until(async () => {
      const metrics = await (await fetch(`${program.url}/metrics`)).text();
      const oldestSeconds = Number(/^hypogeum_outbox_oldest_seconds\S* (\S+)$/m.exec(metrics)![1]);
      return oldestSeconds * 1000 < performance.now() - storedAtMs;
    });
    await dump.restore();
    for (const sink of ["results", "warehouse"]) {
      const line = await program.untilReported(new RegExp(`^sink ${sink}: the log had deleted messages`), 120_000);
      const named = /`npm run (rebuild -- \S+ --from lake --only-missing --yes)`/.exec(line)![1];
      const { code, out } = await runCommand(env, ...named.replace("-- ", "").split(" "));
      assert.equal(code, 0, out);
    }
    await until(() => isThere(matchId));
    await program.untilHealthy();
    assert.equal((await runCommand(env, "audit", matchId)).code, 0);
  });
});

async function runCommand(env: Readonly<Record<string, string>>, ...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...env } });
  let out = "";
  child.stdout.on("data", (bytes) => (out += bytes));
  child.stderr.on("data", (bytes) => (out += bytes));
  const [code] = await once(child, "close");
  return { code, out };
}
