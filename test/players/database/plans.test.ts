/** Every query of the API at a million participants uses an index and never scans a table. */
import assert from "node:assert/strict";
import { runnerOver } from "../../../src/platform/sql/PgSql.ts";
import type { Sql, SqlRunner } from "../../../src/platform/sql/Sql.ts";
import { readMatch, readParticipants, readPlayerMatches } from "../../../src/players/database/matches.ts";
import { addReset, endResets, findReset } from "../../../src/players/database/passwordResets.ts";
import {
  findByIdentity,
  findPlayer,
  isNameFree,
  readIdentities,
  readNames,
} from "../../../src/players/database/players.ts";
import { RankingSource } from "../../../src/players/database/rankingSource.ts";
import { readRatings } from "../../../src/players/database/ratings.ts";
import { readMatchWeight } from "../../../src/players/database/readMatchWeight.ts";
import { useStore } from "../../api/useApi.ts";

const MATCHES = 500_000;
const PLAYERS = 50_000;
const matchOf = (n: string) => `'019' || lpad(to_hex(${n}), 5, '0') || '-0000-7000-8000-000000000000'`;

async function fill(sql: Sql): Promise<void> {
  await sql.transaction(async (tx) => {
    await tx.query(
      `insert into players (id, kind, name, name_folded) select 'p' || n, 'account', 'n' || n, 'n' || n from generate_series(0, $1::int) n`,
      [PLAYERS],
    );
    await tx.query(
      `insert into player_identities (provider, subject, player_id) select 'email', 'm' || n, 'p' || n from generate_series(0, $1::int) n`,
      [PLAYERS],
    );
    await tx.query(
      `insert into ratings (season_id, game, mode, player_id, base, rating)
       select 1, 'arena', m, 'p' || n, 1500, 1500 from generate_series(0, $1::int) n, unnest(array['duel', 'ffa']) m`,
      [PLAYERS],
    );
    await tx.query(
      `insert into matches (id, game, mode, region, rules_version, season_id, rated, weight, reason, last_tick, team_scores, created_at, ended_at)
       select ${matchOf("n")}, 'arena', 'duel', 'local', '1', 1, true, 1, 'score', 1, '[]', now(), now() from generate_series(1, $1::int) n`,
      [MATCHES],
    );
    // Faster: without the foreign key check of each row, which is not tested here, and with indexes created afterwards.
    const { rows: indexes } = await tx.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes where tablename = 'participants' and indexname !~ 'pk$'`,
    );
    for (const { name } of indexes) await tx.query(`drop index ${name}`);
    await tx.query("alter table participants drop constraint participants_match_id_matches_id_fk");
    await tx.query(
      `insert into participants (match_id, seat, player_id, mode, bot, team, role, place, score, kills, deaths, "left", rating_change)
       select ${matchOf("n")}, s, 'p' || (n * (7 + 24 * s) % $2::int), 'duel', false, s, 0, 1, 1, 1, 1, false, 1
       from generate_series(1, $1::int) n, generate_series(0, 1) s`,
      [MATCHES, PLAYERS],
    );
    for (const { definition } of indexes) await tx.query(definition);
    await tx.query(
      `insert into password_resets (token_hash, player_id, expires_at)
       select 'h' || n, 'p' || n, now() + interval '30 minutes' from generate_series(0, $1::int) n`,
      [PLAYERS],
    );
  });
  for (const table of ["players", "player_identities", "password_resets", "ratings", "matches", "participants"])
    await sql.query(`analyze ${table}`);
}

describe("the operational store at a million participants", () => {
  const store = useStore("administrator");
  const plans: string[] = [];
  /** Records the plan of each query before it runs. */
  const explained = (): SqlRunner =>
    runnerOver(async (statement) => {
      const { text, values } = statement;
      const { rows } = await store().query<{ "QUERY PLAN": string }>(`explain ${text}`, values);
      plans.push(`${text}\n${rows.map((row) => row["QUERY PLAN"]).join("\n")}`);
      return store().orm.run(statement);
    });
  before(async function () {
    this.timeout(240_000);
    await fill(store());
  });

  it("uses an index for every query", async () => {
    const sql = explained();
    const { rows } = await store().query<{ id: string }>(`select ${matchOf("77")} as id`);
    await findPlayer(sql, "p1");
    await findByIdentity(sql, "email", "m1");
    await isNameFree(sql, "n1", "p2");
    await readIdentities(sql, "p1");
    await readNames(sql, ["p1", "p2", "p3"]);
    await addReset(sql, { tokenHash: "h", playerId: "p1", expiresAt: new Date() }, new Date());
    await findReset(sql, "h2", new Date());
    await endResets(sql, "p3");
    await readRatings(sql, "p1");
    await readMatch(sql, rows[0].id);
    await readParticipants(sql, rows[0].id);
    for (const mode of [null, "duel"]) {
      for (const before of [null, rows[0].id])
        await readPlayerMatches(sql, "p21", { game: "arena", mode, before, limit: 21 });
    }
    const sixteen = Array.from({ length: 16 }, (_, n) => ({ player: `p${n}`, team: n, games: 0 }));
    await readMatchWeight(sql, sixteen, { game: "arena", mode: "duel" }, Date.now());
    const source = new RankingSource(sql as Sql, true);
    await source.changesSince(await source.currentWatermark(), 100);
    for await (const _ of source.all(5_000)) break;
    assert.ok(plans.length > 14);
    for (const plan of plans) assert.doesNotMatch(plan, /Seq Scan on (?!store_identity|seasons)/, plan);
  });
});
