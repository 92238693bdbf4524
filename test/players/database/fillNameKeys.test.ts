import assert from "node:assert/strict";
import { fillNameKeys } from "../../../src/players/database/fillNameKeys.ts";
import { isNameFree } from "../../../src/players/database/players.ts";
import { useStore } from "../../api/useApi.ts";

describe("names that an earlier version stored", () => {
  const store = useStore();
  /** As an earlier version did: with one key, the name in lower case. */
  const add = (id: string, name: string, kind = "account") =>
    store().query("insert into players (id, kind, name, name_folded, created_at) values ($1, $2, $3, $4, $5)", [
      ...[id, kind, name, kind === "account" ? name.toLowerCase() : null],
      // Later ids are older.
      new Date(Date.UTC(2026, 0, 10 - Number(id.slice(1)))),
    ]);
  const fill = () => store().transaction((tx) => fillNameKeys(tx));
  const keysOf = async (id: string) => {
    const { rows } = await store().query("select name, name_folded, name_shown from players where id = $1", [id]);
    return rows[0];
  };

  it("get keys, of equal ones only the oldest, and all stay as they are", async () => {
    await add("p1", "Bill");
    await add("p2", "BiIl");
    await add("p3", "Bill", "anonymous");
    await add("p4", "Ada1");
    await fill();
    const filled = async () => await Promise.all(["p1", "p2", "p3", "p4"].map(keysOf));
    const expected = [
      { name: "Bill", name_folded: null, name_shown: null },
      { name: "BiIl", name_folded: "biil", name_shown: "bill" },
      { name: "Bill", name_folded: null, name_shown: null },
      { name: "Ada1", name_folded: "adal", name_shown: "adal" },
    ];
    assert.deepEqual(await filled(), expected);
    await fill();
    assert.deepEqual(await filled(), expected);
    assert.equal(await isNameFree(store(), "Adal", "p9"), false);
  });

  it("do not keep keys from each other that only look like keys of earlier versions", async () => {
    await add("p5", "lee");
    // The new key of this one is the old key of the other.
    await add("p6", "1ee");
    await fill();
    assert.equal((await keysOf("p6")).name_folded, "lee");
    assert.equal((await keysOf("p5")).name_folded, null);
  });
});
