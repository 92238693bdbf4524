import assert from "node:assert/strict";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

const PLAYERS = 40;

describe("many joins at once", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ timeLimitMs: 60_000, waitMs: 60_000 })] }));
  after(() => host.stop());

  it("fill as many rooms as they need, within a second", async () => {
    const clients = await Promise.all(Array.from({ length: PLAYERS }, () => host.signedInClient()));
    const began = performance.now();
    const rooms = await Promise.all(clients.map((client) => host.join("arena", { mode: "squad" }, client)));
    assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
    const seated = Map.groupBy(rooms, ({ roomId }) => roomId);
    assert.deepEqual(
      [...seated.values()].map(({ length }) => length),
      Array(PLAYERS / 8).fill(8),
    );
  });

  it("are each refused for their own reason", async () => {
    const client = await host.signedInClient();
    const asked = [{ mode: "duel" }, { mode: "chess" }, { mode: "duel", role: 99 }, { mode: "ffa" }];
    const answers = await Promise.allSettled(asked.map((options) => host.join("arena", options, client)));
    assert.deepEqual(
      answers.map((answer) => (answer.status === "rejected" ? answer.reason.code : "seated")),
      ["seated", 534, 533, "seated"],
    );
  });
});
