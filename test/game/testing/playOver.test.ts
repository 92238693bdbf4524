/** Real clients of the stock SDK play a match to its end. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pino from "pino";
import { playOver } from "../../../src/game/testing/playOver.ts";
import { startServer } from "../../../src/main/game/startServer.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";
import { untilHealthy } from "../../main/untilHealthy.ts";
import { Host } from "../../rooms/Host.ts";
import { tag } from "../../tag/tag.ts";

describe("playOver", () => {
  const host = new Host();
  before(() => host.start({ games: [tag] }));
  after(() => host.stop());

  it("plays one match with a client in each seat, and returns what each has received", async () => {
    const { matchId, clients } = await playOver(host.url, tag, {
      mode: "pair",
      play: (state, sessionId, client) =>
        state.players.has(sessionId) ? { dx: client === 0 ? 127 : -127 } : undefined,
    });
    const match = host.tickEvents.matches.find(({ identity }) => identity.matchId === matchId)!;
    assert.equal(clients.length, 2);
    const caught = match.records.filter(({ facts }) => (facts?.length ?? 0) > 0).length;
    for (const { sessionId, state, facts } of clients) {
      assert.deepEqual([state.phase, state.matchId, state.players.has(sessionId)], ["ended", matchId, true]);
      assert.equal(facts.length, caught);
    }
    const moved = match.records.some(({ frames }) => frames?.values[0] === 127 && frames.values[3] === -127);
    assert.ok(moved, "frames of both clients were applied");
  });

  it("leaves the other seats to bots", async () => {
    const { clients } = await playOver(host.url, tag, { mode: "pair", clients: 1 });
    assert.deepEqual([...clients[0].state.players.values()].map(({ bot }) => bot).sort(), [false, true]);
  });

  it("rejects at an error of the test's own function, and says what a match that does not end is at", async () => {
    const play = () => assert.fail("my own");
    await assert.rejects(playOver(host.url, tag, { mode: "pair", play }), /my own/);
    await assert.rejects(
      playOver(host.url, tag, { mode: "pair", withinMs: 1500 }),
      /the match did not end in time: it is at tick \d+, phase \w+/,
    );
  });
});

describe("playOver on a server with its database", () => {
  it("returns the recorded result", async function () {
    this.timeout(120_000);
    const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
    const module = path.join(import.meta.dirname, "../../tag/games.ts");
    const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", module];
    const running = await startServer(readConfig(args, {}), pino({ level: "silent" }));
    try {
      const url = `http://127.0.0.1:${running.port}`;
      await untilHealthy(url);
      const { matchId, result } = await playOver(url, tag, { mode: "pair" });
      const { id, reason, participants } = await result();
      assert.deepEqual([id, reason, participants.length], [matchId, "time", 2]);
    } finally {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
