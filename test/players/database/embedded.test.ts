import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { readMatchWeight } from "../../../src/players/database/readMatchWeight.ts";
import { recordMatches } from "../../../src/players/database/recordMatches.ts";
import { TestApi } from "../../api/useApi.ts";
import { RatedWorld } from "../rating/RatedWorld.ts";
import { finishedMatch } from "./finishedMatch.ts";

const MIGRATIONS = path.join(import.meta.dirname, "../../../src/players/database/migrations");

describe("the operational store on the embedded database", function () {
  this.timeout(240_000);
  let folder = "";
  let sql: Sql;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-test-store-"));
    sql = await openSql({ embedded: folder });
  });
  after(async () => {
    await sql?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is migrated exactly once, however many migrations start at the same time", async () => {
    const applied = await Promise.all([migrate(sql), migrate(sql), migrate(sql)]);
    const steps = readdirSync(MIGRATIONS).filter((file) => file.endsWith(".sql")).length;
    assert.deepEqual(applied.sort(), [0, 0, steps]);
  });

  it("serves sign-in, results and rankings like PostgreSQL", async () => {
    const api = new TestApi(sql);
    await api.api.start();
    const [a, b] = [await api.account("a@example.com", "Ada"), await api.account("b@example.com", "Bob")];
    const match = finishedMatch([{ player: a.id }, { player: b.id }]);
    await sql.transaction((tx) => recordMatches(tx, [match]));
    await api.api.rankings.refresh();
    const { entries } = await api.get("/api/v1/rankings?mode=duel");
    assert.deepEqual(
      entries.map((entry: any) => [entry.name, entry.rating]),
      [
        ["Ada", 1520],
        ["Bob", 1480],
      ],
    );
    const opponents = [a, b].map(({ id }, team) => ({ player: id, team, games: 1 }));
    const world = new RatedWorld();
    world.now = match.createdAt;
    for (const { id } of [a, b]) world.add(id);
    world.play([[a.id], [b.id]]);
    const weight = await readMatchWeight(sql, opponents, { game: "arena", mode: "duel" }, match.createdAt);
    assert.ok(Math.abs(weight - world.weigh([[a.id], [b.id]])) < 1e-9, `${weight}`);
    assert.equal((await api.ask("DELETE", "/api/v1/me", { token: a.token })).status, 204);
    assert.equal((await api.get("/api/v1/rankings?mode=duel&limit=2")).total, 1);
    await api.api.stop();
    assert.deepEqual(api.failures, []);
  });
});
