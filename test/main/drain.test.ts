/** How long a process that is told to stop lets matches go on that do not end by themselves. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { closeCodes } from "../../schema/codes.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const DRAIN_MS = 3000;
/** Rooms close, sockets say goodbye, stores and outbox close. */
const GRACE_MS = 10_000;

describe("a process that is told to stop", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-drain-"));
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends matches that go on for ever when DRAIN_SECONDS are over, tells their players, and exits with 0", async () => {
    const env = { GAMES, LOG_LEVEL: "info", TEST_MATCH_MS: "3600000", DRAIN_SECONDS: String(DRAIN_MS / 1000) };
    program = await Program.start({ dataDir: folder, env });
    await program.untilReady();
    const room = await (await guest(program.url)).create<any>("arena", { mode: "duel" });
    room.reconnection.enabled = false;
    room.onMessage("facts" as never, () => {});
    await new Promise<void>((resolve) => room.onStateChange(({ phase }) => phase === "playing" && resolve()));
    const since = performance.now();
    const { tick } = room.state;
    const closed = new Promise<[number, number]>((resolve) =>
      room.onLeave((code) => resolve([code, performance.now() - since])),
    );
    program.signal("SIGTERM");
    const [code, wentOnMs] = await closed;
    assert.equal(code, closeCodes.SERVER_SHUTDOWN.code);
    assert(wentOnMs >= DRAIN_MS - 500 && wentOnMs <= DRAIN_MS + GRACE_MS, `${wentOnMs} ms`);
    assert(room.state.tick > tick + 20, "it was played on meanwhile");
    assert.equal(await program.ended, 0);
    assert(performance.now() - since <= DRAIN_MS + GRACE_MS);
    assert.doesNotMatch(program.output, /rooms were still open|"level":[56]0/);
  });
});
