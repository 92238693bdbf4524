/** What games keep about players: versions, limits, and what is left of it after a deletion. Over a real PostgreSQL. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { VALUE_BYTES_MAX, VALUE_KEYS_MAX } from "../../../src/game/PlayerValues.ts";
import { deletePlayer } from "../../../src/players/database/players.ts";
import { playerValuesOf, readValues } from "../../../src/players/database/playerValues.ts";
import { useApi } from "../../api/useApi.ts";

describe("the values that a game keeps about a player", () => {
  const use = useApi();
  const values = (game = "arena") => playerValuesOf(use().sql, game);
  const fault = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error) => error.fault,
    );

  it("are read as they were written, apart for each player and game", async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const written = { coins: 7, name: "x\u0000é", list: [1, null, true, { deep: -0.5 }], lone: "\ud800" };
    assert.equal(await values().get(a, "bag"), null);
    assert.equal(await values().set(a, "bag", written), 1);
    assert.equal(await values("tag").set(a, "bag", 1), 1);
    assert.equal(await values().set(b, "bag", 2), 1);
    assert.deepEqual(await values().get(a, "bag"), { value: written, version: 1 });
    assert.deepEqual(await values().list(a), { bag: { value: written, version: 1 } });
    assert.deepEqual(await values("tag").list(a), { bag: { value: 1, version: 1 } });
    assert.deepEqual(await values("tag").list(b), {});
  });

  it("are written and deleted only with the version that they have, if one is given", async () => {
    const player = randomUUID();
    assert.equal(await values().set(player, "wins", 1, 1), null);
    assert.equal(await values().set(player, "wins", 1, 0), 1);
    assert.equal(await values().set(player, "wins", 2, 0), null);
    assert.equal(await values().set(player, "wins", 2, 1), 2);
    assert.equal(await values().set(player, "wins", 3), 3);
    assert.equal(await values().delete(player, "wins", 2), false);
    assert.deepEqual(await values().get(player, "wins"), { value: 3, version: 3 });
    assert.equal(await values().delete(player, "wins", 3), true);
    assert.equal(await values().delete(player, "wins"), false);
    assert.equal(await values().get(player, "wins"), null);
  });

  it("lose no write of many that each add to the version they have read", async () => {
    const player = randomUUID();
    const add = async () => {
      for (;;) {
        const { value, version } = (await values().get(player, "count")) ?? { value: 0, version: 0 };
        if ((await values().set(player, "count", Number(value) + 1, version)) !== null) return;
      }
    };
    await Promise.all(Array.from({ length: 4 }, add));
    assert.deepEqual(await values().get(player, "count"), { value: 4, version: 4 });
  });

  it("have limits: keys, the size of a value, and their number, also for parallel writes", async () => {
    const player = randomUUID();
    for (const key of ["", "a b", "é", "x".repeat(65), null as never, 1 as never])
      assert.equal(await fault(values().set(player, key, 1)), "VALUE_KEY_INVALID", String(key));
    const loop: any = {};
    loop.own = loop;
    for (const value of [undefined, () => 1, loop, 1n])
      assert.equal(await fault(values().set(player, "x", value as never)), "VALUE_INVALID", String(typeof value));
    const largest = "é".repeat((VALUE_BYTES_MAX - 2) / 2);
    assert.equal(await values().set(player, "x", largest), 1);
    assert.equal(await fault(values().set(player, "x", `${largest}e`)), "VALUE_TOO_LARGE");
    const faults = await Promise.all(
      Array.from({ length: VALUE_KEYS_MAX + 5 }, (_, n) => fault(values().set(player, `key:${n}`, n))),
    );
    assert.equal(faults.filter((one) => one === "TOO_MANY_VALUES").length, 6);
    assert.equal(Object.keys(await values().list(player)).length, VALUE_KEYS_MAX);
    assert.equal(await values().set(player, "x", 1), 2, "a value that exists can still be written");
    assert.equal(await values("tag").set(player, "one", 1), 1, "another game has its own limit");
  });

  it("are refused for a player who does not exist or was deleted, also during the deletion", async () => {
    assert.equal(await fault(values().set("bot:1", "x", 1)), "VALUE_OWNER_UNKNOWN");
    const player = randomUUID();
    await values().set(player, "x", 1);
    const { sql } = use();
    const writes = Array.from({ length: 5 }, (_, n) => fault(values().set(player, `key${n}`, n)));
    const deletion = sql.transaction((tx) => deletePlayer(tx, player));
    const faults = new Set([...(await Promise.all(writes)), await fault(values().set(player, "x", 1))]);
    await deletion;
    assert.deepEqual(await readValues(sql, player), []);
    assert.ok(
      [...faults].every((one) => ["none", "VALUE_OWNER_UNKNOWN"].includes(one)),
      [...faults].join(),
    );
    assert.equal(await fault(values().set(player, "x", 1)), "VALUE_OWNER_UNKNOWN");
  });

  it("are exported and deleted with the person", async () => {
    const api = use();
    const { id, token } = await api.account("values@example.com", "Values");
    await values().set(id, "bag", { coins: 7 });
    await values("tag").set(id, "score", 1);
    const exported = await api.get("/api/v1/me/export", { token });
    assert.deepEqual(
      exported.values.map(({ updatedAt, ...value }: any) => value),
      [
        { game: "arena", key: "bag", value: { coins: 7 }, version: 1 },
        { game: "tag", key: "score", value: 1, version: 1 },
      ],
    );
    assert.ok(Date.parse(exported.values[0].updatedAt) > 0);
    assert.equal((await api.ask("DELETE", "/api/v1/me", { token })).status, 204);
    const { rows } = await api.sql.query("select 1 from player_values where player_id = $1", [id]);
    assert.deepEqual(rows, []);
  });
});
