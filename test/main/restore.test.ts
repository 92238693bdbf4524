/** The whole program on real services, after PostgreSQL was restored from a dump that is older than the log. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { DatabaseDump } from "../platform/sql/DatabaseDump.ts";
import { useServices } from "../tools/services/useServices.ts";

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

  before(async () => {
    urls.push(await services().createDatabase(), await services().createDatabase());
    const [DATABASE_URL, WAREHOUSE_URL] = urls;
    env = {
      ...services().env,
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

  /** Two players play a rated duel, which ends when the first one leaves. Resolves once its result is there. */
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
    for (const room of rooms) await room.leave();
    await until("the result", async () => (await get(`/matches/${matchId}`)) !== null);
    return matchId;
  }

  it("has the same results, ratings and rankings again, without a restart or another match", async () => {
    const [ada, bob] = [await register("ada"), await register("bob")];
    await playDuel(ada, bob);
    for (const url of urls) dumps.push(await DatabaseDump.take(url));
    await program.untilHealthy();
    const late = await register("late");
    const matchId = await playDuel(ada, late);
    await until("the ranking", async () => (await get("/rankings?mode=duel"))?.total === 3);
    const [match, ranking] = [await get(`/matches/${matchId}`), await get("/rankings?mode=duel")];
    console.log(match, ranking.entries);
    for (const dump of dumps) await dump.restore();
    await until("the result after the restore", async () => (await get(`/matches/${matchId}`)) !== null);
    assert.deepEqual(await get(`/matches/${matchId}`), match);
  });
});
