/**
 * Measures how many match results are recorded per second, compared with bare INSERTs of as many rows in as many transactions.
 */
import { randomUUID } from "node:crypto";
import { v7 } from "uuid";
import type { EndedMatch } from "../../src/pipeline/sinks/results/EndedMatch.ts";
import type { PgSql } from "../../src/platform/sql/PgSql.ts";
import type { SqlRunner } from "../../src/platform/sql/Sql.ts";
import { lockPlayers } from "../../src/players/database/lockPlayers.ts";
import { recordMatch } from "../../src/players/database/recordMatch.ts";
import { elo } from "../../src/players/rating/elo.ts";
import { type Row, rowOf } from "../Row.ts";

const MATCHES = 4_000;
/** Many matches per transaction, as in the results sink. */
const BATCH = 50;

function duel(n: number): EndedMatch {
  const at = Date.now();
  const players = [`p${1 + ((n * 2) % 100_000)}`, `p${2 + ((n * 2) % 100_000)}`];
  const seats = players.map((player, seat) => ({ seat, player, team: seat, bot: false }));
  return {
    ...{ matchId: v7(), game: "arena", mode: "duel", createdAt: at, endedAt: at },
    created: { kind: "created", rulesVersion: "1", rated: true, region: "local", source: "arena" },
    started: {
      ...{ kind: "started", rated: true, weight: 1 },
      roster: seats.map((seat) => ({ ...seat, role: 0, rating: 1500, games: 10 })),
    },
    ended: {
      ...{ kind: "ended", reason: "score", lastTick: 1200, teamScores: [5, 3], counts: {}, shed: {} },
      standings: seats.map((seat) => ({ ...seat, place: seat.seat + 1, score: 5, kills: 5, deaths: 3, left: false })),
    },
  };
}

/** `work` records the matches from number `from` on. */
async function perSecond(sql: PgSql, work: (from: number, tx: SqlRunner) => Promise<unknown>) {
  const startedAt = performance.now();
  for (let from = 0; from < MATCHES; from += BATCH) await sql.transaction((tx) => work(from, tx));
  return (MATCHES * 1000) / (performance.now() - startedAt);
}

export async function resultRows(sql: PgSql): Promise<Row[]> {
  await sql.query("create table bare (id text, a int, b int, c text, d text)");
  const bare = await perSecond(sql, async (_, tx) => {
    for (let row = 0; row < 5 * BATCH; row++)
      await tx.query("insert into bare values ($1, 1, 2, 'x', 'y')", [randomUUID()]);
  });
  const ours = await perSecond(sql, async (from, tx) => {
    const matches = Array.from({ length: BATCH }, (_, i) => duel(from + i));
    await lockPlayers(tx, { players: matches.flatMap(({ ended }) => ended.standings.map(({ player }) => player)) });
    for (const match of matches) await recordMatch(tx, elo, match);
  });
  const note = `duels, ${BATCH} to a transaction; one match writes 5 rows`;
  const goals = [
    { of: "figure", atLeast: 600 },
    { of: "ratio", atLeast: 0.6 },
  ] as const;
  return [rowOf("matches recorded", "matches/s", ours, "5 bare INSERTs a match", bare, note, goals)];
}
