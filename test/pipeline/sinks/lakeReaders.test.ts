/** Runs the examples of docs/lake.md with the programs that they are written for: DuckDB, Spark, pandas and Polars. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { copyEarlierLake, earlierMessages } from "./earlierLake.ts";
import { LakeLog, lake, logOf, withSeq } from "./lakeUnderTest.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { pythonReaders } from "./pythonReaders.ts";

type Row = Record<string, unknown>;

const HERE = import.meta.dirname;
const document = readFileSync(path.resolve(HERE, "../../../docs/lake.md"), "utf8");
/** Spark on this machine only, without its page. */
const SPARK = "--master local[1] --conf spark.ui.enabled=false --conf spark.driver.bindAddress=127.0.0.1 pyspark-shell";

/** The code of the section with this heading. */
function exampleOf(heading: string): string {
  const section = document.split(/^#+ /m).find((one) => one.startsWith(`${heading}\n`));
  const code = /```(?:python|sql)\n([\s\S]*?)```/.exec(section ?? "")?.[1];
  assert.ok(code !== undefined, `docs/lake.md has no example of ${heading}`);
  return code;
}

const played = [3, 4].flatMap((number) => playMatch({ number, mode: number % 2 === 1 ? "duel" : "ffa" }));
const events = (topic: string): Row[] =>
  played
    .filter((one) => one.topic === topic)
    .flatMap(({ events, ...rest }) => events.map((one) => ({ ...rest, ...one })));

function damageOf(rows: readonly Row[]): Record<string, number> {
  const damage: Record<string, number> = {};
  for (const row of rows) {
    const attacker = String(row.attacker);
    damage[attacker] = (damage[attacker] ?? 0) + Number(row.damage ?? row["sum(damage)"]);
  }
  return damage;
}

const placesIn = (rows: readonly Row[]): string[] =>
  rows.map(({ match_id, player, place, left }) => `${match_id} ${player} ${place} ${left}`).sort();

function assertAnswers(attacks: readonly Row[], standings: readonly Row[]): void {
  assert.deepEqual(damageOf(attacks), damageOf(events("logs_attack").filter(({ target }) => target !== null)));
  assertStandings(standings);
}

function assertStandings(rows: readonly Row[]): void {
  const ended = events("logs_match").filter(({ kind }) => kind === "ended");
  const expected = ended.flatMap(({ matchId, standings }) =>
    (standings as Row[]).map((standing) => ({ match_id: matchId, ...standing })),
  );
  assert.deepEqual(placesIn(rows), placesIn(expected));
}

describe("an example of docs/lake.md", function () {
  this.timeout(1_800_000);
  /** `mixed` also has files of the build before nested columns. */
  const [directory, mixed] = ["new", "mixed"].map((name) => mkdtempSync(path.join(tmpdir(), `hypogeum-lake-${name}-`)));
  let python: string;

  before(async () => {
    copyEarlierLake(mixed);
    const earlier = earlierMessages().filter(({ topic }) => topic === "logs_match");
    for (const [folder, stored] of [
      [directory, []],
      [mixed, earlier],
    ] as const) {
      const objects = new DirectoryStore({ directory: folder, variable: "DATA_DIR" });
      await objects.check();
      const matches = new LakeLog("logs_match");
      for (const message of stored) matches.add(message);
      for (const [at, one] of played.filter(({ topic }) => topic === "logs_match").entries())
        matches.add(withSeq(tickMessage(one), 100 + at));
      for (const log of [matches, logOf("logs_attack", played)]) await log.deliverAll(lake(objects));
    }
    python = await pythonReaders();
  });
  after(() => {
    for (const folder of [directory, mixed]) rmSync(folder, { recursive: true, force: true });
  });

  /** The rows of each result. */
  async function runPython(code: string, folder: string): Promise<Row[][]> {
    const env = { ...process.env, PYSPARK_SUBMIT_ARGS: SPARK, SPARK_LOCAL_IP: "127.0.0.1" };
    const child = spawn(python, [path.join(HERE, "lakeReaders.py")], { env });
    child.stdin.end(code.replaceAll(".data/lake", folder));
    const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    assert.equal(exitCode, 0, err);
    return out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  it("is right in DuckDB, also for files of several versions", async () => {
    const duck = await (await DuckDBInstance.create(":memory:")).connect();
    for (const folder of [directory, mixed]) {
      const statements = exampleOf("DuckDB").replaceAll(".data/lake", folder).split(/;\n/).slice(0, 2);
      const [attacks, standings] = await Promise.all(statements.map((statement) => duck.runAndReadAll(statement)));
      const of = standings.getRowObjectsJson().filter(({ player }) => player !== null);
      assertAnswers(attacks.getRowObjectsJson(), of);
    }
    duck.closeSync();
  });

  it("is right in Spark, for files of several versions", async () => {
    const [attacks, standings] = await runPython(exampleOf("Spark"), mixed);
    assertAnswers(attacks, standings);
  });

  for (const reader of ["pandas", "Polars"]) {
    it(`is right in ${reader}`, async () => {
      const [attacks, standings] = await runPython(exampleOf(reader), directory);
      assertAnswers(attacks, standings);
    });
  }

  it("is right in pandas and Polars for files of several versions", async () => {
    const results = await runPython(exampleOf("Files of several versions"), mixed);
    assert.equal(results.length, 2);
    for (const standings of results) assertStandings(standings);
  });
});
