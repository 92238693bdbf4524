/** The example games in the whole program: queued, rated, recorded and audited. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectEmbedded } from "../../../src/platform/sql/openSql.ts";
import { auditUntilArrived } from "../../chaos/auditRun.ts";
import { Program } from "../../chaos/Program.ts";
import { QueueGuest } from "../../main/QueueGuest.ts";
import { until } from "../../matchmaking/Fleet.ts";
import { playWith } from "./drivers.ts";
import { games } from "./quickGames.ts";

const GAMES = path.join(import.meta.dirname, "quickGames.ts");
const WITHIN_MS = 90_000;

describe("the example games, in the whole program", function () {
  this.timeout(600_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-examples-"));
  const sinceMs = Date.now();
  let program: Program;

  before(async () => {
    const env = { GAMES, WAREHOUSE_MOVE_TICKS: "1", LAKE_FLUSH_SECONDS: "1", LOG_LEVEL: "warn" };
    program = await Program.start({ dataDir, env });
    await program.untilHealthy();
  });
  after(async () => {
    await program?.stop();
    rmSync(dataDir, { recursive: true, force: true });
    assert.doesNotMatch(program?.output ?? "", /"level":[56]0/, "no error was logged");
  });

  const get = async (route: string): Promise<any> => (await fetch(`${program.url}/api/v1${route}`)).json();

  /** Queues, takes the seat that the queue finds, and plays to the end. Resolves to the match's id. */
  async function playQueued(guest: QueueGuest, game: string, mode: string): Promise<string> {
    const { room: queue, seats } = await guest.queue({ game, mode, strategy: "random" });
    await until(() => seats.length > 0, "a match is found", WITHIN_MS);
    queue.send("confirm");
    const room = await guest.takeSeat(seats[0]);
    playWith(room, game);
    await until(() => room.state?.phase === "ended", "the match has ended", WITHIN_MS);
    return room.state.matchId;
  }

  for (const { name: game, modes } of games) {
    it(`are played by those who queued, and rated: ${game}`, async () => {
      const [mode, { teams }] = Object.entries(modes)[0];
      const guests = await Promise.all(teams.map(() => QueueGuest.signIn(program.url)));
      const matches = new Set(await Promise.all(guests.map((guest) => playQueued(guest, game, mode))));
      assert.equal(matches.size, 1);
      await Promise.all(guests.map((guest) => guest.leave()));
      for (const { playerId } of guests) {
        let found: any;
        await until(
          async () => (found = await get(`/players/${playerId}?game=${game}`)).ratings?.length === 1,
          "the player is rated",
          WITHIN_MS,
        );
        assert.deepEqual([found.ratings[0].game, found.ratings[0].mode, found.ratings[0].games], [game, mode, 1]);
        const history = await get(`/players/${playerId}/matches?game=${game}`);
        assert.deepEqual(
          history.matches.map(({ match }: any) => match.id),
          [...matches],
        );
      }
    });
  }

  it("have each event exactly once in warehouse and lake", async () => {
    const warehouse = await connectEmbedded(path.join(dataDir, "sql"), 60_000);
    try {
      const directory = path.join(dataDir, "lake");
      const report = await auditUntilArrived({ env: {}, directory, warehouse, sinceMs, games }, games.length);
      assert.deepEqual([report.matches, report.open, report.differences], [games.length, [], []]);
    } finally {
      await warehouse.close();
    }
  });
});
