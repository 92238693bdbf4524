import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { lake, logOf } from "./lakeUnderTest.ts";
import { NOON_MS, playMatch } from "./matches.ts";

const matchMessages = [1, 2, 3, 4].flatMap((number) => playMatch({ number, mode: number % 2 === 0 ? "ffa" : "duel" }));
type Event = Record<string, any>;
const eventsOf = (topic: string): Event[] =>
  matchMessages
    .filter((one) => one.topic === topic)
    .flatMap(({ events, ...rest }) => events.map((event) => ({ ...rest, ...event })));

function countBy<T>(items: readonly T[], key: (item: T) => string, add: (item: T) => number = () => 1) {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + add(item));
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("the lake read by DuckDB", function () {
  this.timeout(240_000);
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  let duck: DuckDBConnection;

  before(async () => {
    const objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
    for (const topic of new Set(matchMessages.map((one) => one.topic)))
      await logOf(topic, matchMessages, 60_000).deliverAll(lake(objects, { memoryBytesMax: 20_000 }));
    duck = await (await DuckDBInstance.create(":memory:")).connect();
  });
  after(() => {
    duck.closeSync();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ask(query: string): Promise<Event[]> {
    const text = query.replace(
      /\braw\.(\w+)/g,
      (_, topic) =>
        `read_parquet('${directory}/raw/${topic}/**/*.parquet', hive_partitioning = true, union_by_name = true)`,
    );
    return (await duck.runAndReadAll(text)).getRowObjectsJson() as Event[];
  }
  const asObject = (rows: readonly Event[]) => Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)]));

  it("has every event of each match", async () => {
    for (const topic of ["logs_move", "logs_attack", "logs_heal", "logs_death", "logs_match"]) {
      const rows = await ask(`SELECT match_id AS key, count(*) AS value FROM raw.${topic} GROUP BY 1 ORDER BY 1`);
      assert.deepEqual(
        asObject(rows),
        countBy(eventsOf(topic), ({ matchId }) => matchId),
        topic,
      );
    }
  });

  it("has the damage of each player and weapon", async () => {
    const rows = await ask(`
      SELECT attacker || ' ' || weapon AS key, sum(damage) AS value FROM raw.logs_attack
      WHERE target IS NOT NULL GROUP BY 1 ORDER BY 1`);
    const hits = eventsOf("logs_attack").filter(({ target }) => target !== null);
    assert.deepEqual(
      asObject(rows),
      countBy(
        hits,
        ({ attacker, weapon }) => `${attacker} ${weapon}`,
        ({ damage }) => damage,
      ),
    );
  });

  it("has lists, maps, dates and times with their types", async () => {
    const assists = await ask(
      "SELECT key, count(*) AS value FROM (SELECT unnest(assists) AS key FROM raw.logs_death) GROUP BY 1 ORDER BY 1",
    );
    const expected = eventsOf("logs_death").flatMap((death) => death.assists as string[]);
    assert.deepEqual(
      asObject(assists),
      countBy(expected, (player) => player),
    );
    const rosters = await ask(
      'SELECT DISTINCT typeof("at") AS moment, typeof(event_date) AS day, typeof(tick) AS tick, typeof(assists) AS list FROM raw.logs_death',
    );
    assert.deepEqual(rosters, [{ moment: "TIMESTAMP WITH TIME ZONE", day: "DATE", tick: "BIGINT", list: "VARCHAR[]" }]);
    const seats = await ask(
      "SELECT match_id AS key, len(roster_list) AS value FROM raw.logs_match WHERE kind = 'started'",
    );
    const started = eventsOf("logs_match").filter(({ kind }) => kind === "started");
    assert.deepEqual(
      asObject(seats),
      Object.fromEntries(started.map(({ matchId, roster }) => [matchId, roster.length])),
    );
    const ended = eventsOf("logs_match").filter(({ kind }) => kind === "ended");
    const moves = await ask(
      "SELECT match_id AS key, counts_map['logs_move'] AS value FROM raw.logs_match WHERE kind = 'ended'",
    );
    assert.deepEqual(
      asObject(moves),
      Object.fromEntries(ended.map(({ matchId, counts }) => [matchId, counts.logs_move])),
    );
    const scores = await ask(`
      SELECT match_id || ' ' || standing.player AS key, standing.score AS value
      FROM (SELECT match_id, unnest(standings_list) AS standing FROM raw.logs_match WHERE kind = 'ended')`);
    const standings = ended.flatMap(({ matchId, standings }) =>
      (standings as Event[]).map(({ player, score }) => [`${matchId} ${player}`, score]),
    );
    assert.deepEqual(asObject(scores), Object.fromEntries(standings));
    const [{ first }] = await ask('SELECT epoch_ms(min("at")) AS first FROM raw.logs_move');
    assert.equal(Number(first), Math.min(...eventsOf("logs_move").map(({ at }) => at)));
  });

  it("answers the queries of the documentation", async () => {
    const text = readFileSync(path.resolve(import.meta.dirname, "../../../docs/lake.md"), "utf8");
    const statements = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split(/;\n/));
    const runnable = statements.filter((statement) => statement.includes(".data/lake"));
    assert.equal(runnable.length, 3);
    for (const statement of runnable) assert((await ask(statement.replaceAll(".data/lake", directory))).length > 0);
  });

  it("is partitioned by the day and hour of the log", async () => {
    const rows = await ask(
      `SELECT DISTINCT dt::VARCHAR || ' ' || hour AS key, 1 AS value FROM raw.logs_move ORDER BY 1`,
    );
    const moves = matchMessages.filter(({ topic }) => topic === "logs_move").length;
    const hours = Array.from({ length: Math.ceil(moves / 60) }, (_, hour) => {
      const at = new Date(NOON_MS + hour * 3_600_000).toISOString();
      return `${at.slice(0, 10)} ${Number(at.slice(11, 13))}`;
    });
    assert.deepEqual(rows.map(({ key }) => key.replace(/ 0(\d)$/, " $1")).sort(), hours.sort());
  });

  it("has the topic id and the highest record of each outbox in its metadata", async () => {
    const rows = await ask(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${directory}/raw/logs_match/**/*.parquet')
       WHERE decode(key) IN ('hypogeum.topic_id', 'hypogeum.outboxes') ORDER BY file_name, key`,
    );
    const outboxes = rows.filter(({ key }) => key === "hypogeum.outboxes").map(({ value }) => JSON.parse(value));
    assert.equal(rows.find(({ key }) => key === "hypogeum.topic_id")!.value, "topic-1");
    const messages = matchMessages.filter(({ topic }) => topic === "logs_match").length;
    assert.equal(Math.max(...outboxes.map((marks) => marks["outbox-1"][0])), messages);
  });
});
