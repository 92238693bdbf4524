/** What waits in the operational tables to be published, and what they say must be published, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { v7 as uuidv7 } from "uuid";
import { uuidV7TimeMs } from "../../../src/pipeline/events/eventDate.ts";
import { readCommittedEvents } from "../../../src/players/database/committedEvents.ts";
import { insertOperatorAct, markPublished } from "../../../src/players/database/operatorActs.ts";
import { ratingEventId } from "../../../src/players/database/ratingEvents.ts";
import { addUnpublished, claimMessages, deletePublished } from "../../../src/players/database/unpublishedMessages.ts";
import { readUnpublishedRows } from "../../../src/players/database/unpublishedRows.ts";
import { useApi } from "../../api/useApi.ts";

const NOTHING = { count: 0, oldestAt: null };

describe("the rows that must be published", () => {
  const api = useApi();

  it("are each act and each rating change, and wait until they are marked as published", async () => {
    const { sql } = api();
    assert.deepEqual(await readUnpublishedRows(sql), { acts: NOTHING, events: NOTHING });
    const endedAt = Date.now();
    const [matchId, actId] = [uuidv7(), uuidv7()];
    await sql.query(
      `INSERT INTO matches (id, game, mode, region, rules_version, season_id, rated, weight, algorithm, reason, last_tick,
         team_scores, created_at, ended_at)
       SELECT $1, 'arena', 'duel', 'eu', '1', min(id), true, 1, 'elo', 'score', 9, '[]', $2, $2 FROM seasons`,
      [matchId, new Date(endedAt)],
    );
    for (const [seat, player] of ["a", "b", "unrated"].entries())
      await sql.query(
        `INSERT INTO participants (match_id, seat, player_id, mode, bot, team, role, place, score, kills, deaths, "left",
           rating_before, rating_change) VALUES ($1, $2, $3, 'duel', false, 0, 0, 1, 0, 0, 0, false, 1500, $4)`,
        [matchId, seat, player, player === "unrated" ? null : 16],
      );
    const ratings = ["a", "b"].map((player) => ratingEventId(matchId, player));
    const act = { v: 1, at: endedAt, operator: "ada", role: "moderate", act: "kick", player: "a" } as const;
    await sql.transaction(async (tx) => {
      await addUnpublished(
        tx,
        ratings.map((id) => ({ topic: "logs_rating", key: "a", id, value: {} })),
      );
      const message = { ...act, room: null, detail: null, reason: "insults" };
      await insertOperatorAct(tx, actId, message, new Date(endedAt + 60_000));
    });

    const { topics, unpublished } = (await readCommittedEvents(sql, endedAt))!;
    assert.deepEqual(
      topics.map(({ topic, ids }) => [topic, [...ids.keys()].sort(), [...ids.values()].map((at) => at.getTime())]),
      [
        ["logs_admin", [actId], [endedAt]],
        ["logs_rating", ratings.toSorted(), [endedAt, endedAt]],
      ],
    );
    assert.deepEqual([...unpublished].sort(), [actId, ...ratings].sort());
    const { acts, events } = await readUnpublishedRows(sql);
    assert.deepEqual([acts, events.count], [{ count: 1, oldestAt: uuidV7TimeMs(actId) }, 2]);
    assert.ok(Math.abs(events.oldestAt! - endedAt) < 60_000);
    const later = (await readCommittedEvents(sql, endedAt + 1))!;
    assert.deepEqual(
      later.topics.map(({ ids }) => ids.size),
      [0, 0],
    );

    await deletePublished(
      sql,
      (await claimMessages(sql, 10)).map(({ id }) => id),
    );
    await markPublished(sql, [actId]);
    assert.deepEqual((await readCommittedEvents(sql, endedAt))!.unpublished, new Set());
    assert.deepEqual(await readUnpublishedRows(sql), { acts: NOTHING, events: NOTHING });
  });
});
