/** A test match has the same hashes as the match of a room with the same seed, holders and frames. */
import assert from "node:assert/strict";
import type { Game } from "../../../src/game/Game.ts";
import type { SeatChange } from "../../../src/game/testing/TestedMatch.ts";
import { testMatch } from "../../../src/game/testing/testMatch.ts";
import type { MemoryMatch } from "../../../src/pipeline/events/MemoryTickEvents.ts";
import { Host, play, until } from "../../rooms/Host.ts";
import { quickArena } from "../../rooms/quickArena.ts";
import { tag } from "../../tag/tag.ts";

function assertSameHashes(game: Game, { records, identity }: MemoryMatch): void {
  const { mode, map, tickRate, seed } = records[0].setup!;
  const changes = records.flatMap(({ tick, seatChanges }) =>
    seatChanges.map(({ seat, player, bot, role }): SeatChange => {
      return { tick, seat, role, holder: player === null ? "nobody" : bot ? "bot" : "person" };
    }),
  );
  const seats = Array.from({ length: identity.seats }, () => "nobody" as const);
  const match = testMatch(game, { mode, map, tickRate, seed, seats, changes });
  const names = [...game.inputFields.map(({ name }) => name), "rewindTicks"];
  let compared = 0;
  for (const { tick, frames, hash } of records) {
    if (frames === null) continue;
    match.play(1, (seat) =>
      Object.fromEntries(names.map((name, at) => [name, frames.values[seat * names.length + at]])),
    );
    assert.deepEqual(match.frames.values, frames.values, `frames of tick ${tick}, those of bots included`);
    if (hash === null) continue;
    assert.equal(match.hash(), hash, `tick ${tick}`);
    compared++;
  }
  assert.ok(compared > 1);
  assert.equal(match.status.phase, "ended");
}

describe("a test match and a room", () => {
  const host = new Host();
  const arena = quickArena();
  before(() => host.start({ games: [tag, arena] }));
  after(() => host.stop());

  for (const [game, mode, frame] of [
    [tag, "crowd", { dx: 127, dy: -40 }],
    [arena, "duel", { moveX: 127, moveY: 20, aim: 3000, buttons: 1 }],
  ] as const)
    it(`compute the same hashes for ${game.name}`, async () => {
      const room = await host.join(game.name, { mode });
      play(room, (data) => Object.assign(data, frame));
      await until(room, (state) => state.phase === "ended", 60_000);
      assertSameHashes(game as Game, host.match(room));
    });
});
