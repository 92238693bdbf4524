/** What an operator hears of a queue that nobody pairs. */
import assert from "node:assert/strict";
import { MemoryPool } from "../../src/matchmaking/pool/MemoryPool.ts";
import { UnpairedQueueAlert } from "../../src/matchmaking/UnpairedQueueAlert.ts";
import { duel, player } from "./poolEntries.ts";

describe("a process that does not pair", () => {
  let at = 0;
  let pool: MemoryPool;
  let alert: UnpairedQueueAlert;
  let said: object[];
  beforeEach(() => {
    at = 1_700_000_000_000;
    const now = () => at;
    pool = new MemoryPool(now);
    said = [];
    alert = new UnpairedQueueAlert({
      pool,
      now,
      rulesVersion: duel.rulesVersion,
      log: { warn: (fields) => void said.push(fields) },
    });
  });
  const enter = (key: object) =>
    pool.enter({ ...duel, ...key, id: "e", players: [player("a")], party: null, holder: "P" });

  it("says that people wait and nobody pairs them, once a minute", async () => {
    await alert.check();
    await enter({});
    await alert.check();
    assert.deepEqual(said, [], "another process may be about to take over");
    for (let look = 0; look < 12; look++) {
      at += 5000;
      await alert.check();
    }
    assert.deepEqual(said, [{ modes: ["duel"] }]);
    at += 5000;
    await alert.check();
    assert.equal(said.length, 2);
  });

  it("says nothing while somebody pairs, or of rules that it does not play", async () => {
    await pool.lease("duel", "another");
    await enter({});
    for (let look = 0; look < 4; look++) {
      at += 500;
      await pool.lease("duel", "another");
      await alert.check();
    }
    await pool.leave("e");
    await enter({ mode: "squad", rulesVersion: "99" });
    for (let look = 0; look < 4; look++) await alert.check();
    assert.deepEqual(said, []);
  });
});
