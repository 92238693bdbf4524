/** GUEST_RETENTION_DAYS: anonymous players who were not seen for a long time are deleted, and nobody else. */
import assert from "node:assert/strict";
import { Tokens } from "../../../src/players/auth/Tokens.ts";
import { OldGuests } from "../../../src/players/database/oldGuests.ts";
import { Sessions } from "../../../src/players/identity/Sessions.ts";
import { useStore } from "../../api/useApi.ts";

describe("anonymous players who were not seen for a long time", () => {
  const store = useStore();
  const kinds = async () =>
    Object.fromEntries(
      (await store().query<{ id: string; kind: string }>("select id, kind from players order by id")).rows.map(
        ({ id, kind }) => [id, kind],
      ),
    );

  beforeEach(async () => {
    for (const table of ["ratings", "players"]) await store().query(`delete from ${table}`);
    await store().query(`insert into players (id, kind, name, seen_at) values
      ('old', 'anonymous', 'Old', '2026-01-01T10:00Z'), ('older', 'anonymous', null, '2025-12-24T23:00Z'),
      ('new', 'anonymous', 'New', '2026-01-02T00:00Z'), ('account', 'account', 'Acc', '2020-01-01Z'),
      ('gone', 'deleted', null, '2020-01-01Z')`);
    await store().query(
      "insert into ratings (season_id, game, mode, player_id, base, rating) values (1, 'arena', 'duel', 'old', 1500, 1600)",
    );
  });

  it("are found by day, and deleted as players who delete themselves: id and results stay, without a name", async () => {
    const guests = new OldGuests(store());
    assert.deepEqual(await guests.daysBefore("2026-01-02"), ["2025-12-24", "2026-01-01"]);
    assert.deepEqual(await guests.daysBefore("2025-12-24"), []);
    assert.equal(await guests.deleteBefore("2026-01-02"), "2 anonymous players");
    assert.deepEqual(await kinds(), {
      ...{ account: "account", gone: "deleted", new: "anonymous", old: "deleted", older: "deleted" },
    });
    const { rows } = await store().query("select name, token_version from players where id = 'old'");
    assert.deepEqual(rows, [{ name: null, token_version: 1 }]);
    const { rows: ratings } = await store().query("select rating, revision from ratings");
    assert.deepEqual(ratings, [{ rating: 1600, revision: 2 }]);
    assert.deepEqual(await guests.daysBefore("2026-01-02"), []);
    assert.equal(await guests.deleteBefore("2026-01-02"), "0 anonymous players");
  });

  it("are more than one batch", async () => {
    await store().query(
      "insert into players (id, kind, seen_at) select 'g' || n, 'anonymous', '2025-01-01Z' from generate_series(1, 250) n",
    );
    assert.equal(await new OldGuests(store()).deleteBefore("2026-01-01"), "251 anonymous players");
  });

  it("are not those who have sent a request since", async () => {
    const tokens = new Tokens("a key of at least 32 characters, for tests");
    const sessions = new Sessions({ sql: store(), tokens, studioTokens: [] });
    await sessions.authenticate(await tokens.sign({ playerId: "old", kind: "anonymous" }));
    await new OldGuests(store()).deleteBefore("2026-01-02");
    assert.equal((await kinds()).old, "anonymous");
    assert.equal((await kinds()).older, "deleted");
  });
});
