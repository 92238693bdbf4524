import assert from "node:assert/strict";
import { UnpairedQueueAlert } from "../../src/matchmaking/UnpairedQueueAlert.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { duel, player } from "./poolEntries.ts";

describe("a process that does not pair", () => {
  let at = 0;
  let pool: MemoryPool;
  let alert: UnpairedQueueAlert;
  let warnings: object[];
  beforeEach(() => {
    at = 1_700_000_000_000;
    const now = () => at;
    pool = new MemoryPool(now);
    warnings = [];
    alert = new UnpairedQueueAlert({
      pool,
      now,
      rulesVersion: duel.rulesVersion,
      log: { warn: (fields) => void warnings.push(fields) },
    });
  });
  const enter = (key: object) =>
    pool.enter({ ...duel, ...key, id: "e", players: [player("a")], party: null, holder: "P" });

  it("warns once a minute if players are waiting but no process pairs them", async () => {
    await alert.check();
    await enter({});
    await alert.check();
    assert.deepEqual(warnings, [], "another process may be about to take over");
    for (let n = 0; n < 12; n++) {
      at += 5000;
      await alert.check();
    }
    assert.deepEqual(warnings, [{ modes: ["duel"] }]);
    at += 5000;
    await alert.check();
    assert.equal(warnings.length, 2);
  });

  it("does not warn while a process pairs, nor about other rules versions", async () => {
    await pool.lease("duel", "another");
    await enter({});
    for (let n = 0; n < 4; n++) {
      at += 500;
      await pool.lease("duel", "another");
      await alert.check();
    }
    await pool.leave("e");
    await enter({ mode: "squad", rulesVersion: "99" });
    for (let n = 0; n < 4; n++) await alert.check();
    assert.deepEqual(warnings, []);
  });
});
