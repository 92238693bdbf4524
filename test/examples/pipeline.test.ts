/** Runs the examples that read the pipeline's output. The data are matches that the program has played on real services. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { openSql } from "../../src/platform/sql/openSql.ts";
import { lakeOf } from "../chaos/LakeCopy.ts";
import { usePlayedRun } from "../chaos/playedRun.ts";

const examples = path.resolve(import.meta.dirname, "../../examples");

const statementsOf = (file: string): string[] =>
  readFileSync(path.join(examples, file), "utf8")
    .replace(/^--.*$/gm, "")
    .split(";")
    .filter((statement) => statement.trim() !== "");

describe("the examples of the pipeline", function () {
  this.timeout(240_000);
  const run = usePlayedRun();

  it("examples/consumer.ts adds up the damage of every player", async () => {
    const { KAFKA_BROKERS, NAMESPACE } = run().env;
    const env = { PATH: process.env.PATH, KAFKA_BROKERS, NAMESPACE };
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const child = spawn(process.execPath, [path.join(examples, "consumer.ts"), "--once"], { env, stdio: [...stdio] });
    let out = "";
    child.stdout.on("data", (bytes) => {
      out += bytes;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    const printed = out
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    const dealt = new Map<string, number>();
    for (const { attacker, damage } of run().eventsOf("logs_attack"))
      dealt.set(attacker, (dealt.get(attacker) ?? 0) + damage);
    assert(printed.length > 0);
    for (const [damage, player] of printed) assert.equal(Number(damage), dealt.get(player), player);
    assert.equal(printed.length, Math.min(20, dealt.size));
  });

  it("examples/queries.sql runs on the warehouse", async () => {
    const sql = await openSql({ variable: "WAREHOUSE_URL", url: run().env.WAREHOUSE_URL });
    try {
      const rows: number[] = [];
      for (const statement of statementsOf("queries.sql")) rows.push((await sql.query(statement)).rowCount);
      // Three of the queries return no rows: no player has played ten games or waited in the queue, and no event was lost.
      assert.deepEqual(
        rows.map((count) => count > 0),
        [true, true, false, true, false, true, false],
      );
    } finally {
      await sql.close();
    }
  });

  it("examples/lake.sql runs in DuckDB", async () => {
    const lake = await lakeOf(run().env);
    try {
      const [first, ...questions] = statementsOf("lake.sql");
      await lake.ask(first.replace(".data/lake", lake.directory));
      assert.equal(questions.length, 3);
      for (const question of questions) assert((await lake.ask(question)).length > 0);
    } finally {
      lake.close();
    }
  });
});
