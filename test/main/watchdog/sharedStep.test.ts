/** What the two threads of the watchdog exchange. */
import assert from "node:assert/strict";
import { Frames } from "../../../src/game/Frames.ts";
import type { WatchedMatch } from "../../../src/game/GameWatch.ts";
import { FrameRows, StepBeat } from "../../../src/main/watchdog/SharedStep.ts";
import { WatchedMatches } from "../../../src/main/watchdog/WatchedMatches.ts";

const setup: WatchedMatch["setup"] = {
  ...{ kind: "setup" as const, game: "tag", rulesVersion: "3", constants: {}, mode: "pair", map: "yard", tickRate: 20 },
  ...{ seed: "0".repeat(32), roster: [] },
};
const match = { matchId: "m", roomId: "r", setup };

function framesOf(tick: number): Frames {
  const frames = new Frames(2, 1);
  frames.values.set([tick, -tick, 5, 2 ** 31 - 1]);
  frames.holder.set([1, 2]);
  frames.role.set([0, 3]);
  return frames;
}

const plain = (tick: number) => ({ tick, values: [tick, -tick, 5, 2 ** 31 - 1], holder: [1, 2], role: [0, 3] });

describe("the shared memory of the watchdog", () => {
  it("shows which match's code runs", () => {
    const beat = new StepBeat();
    const other = new StepBeat(beat.shared);
    assert.equal(other.read(), null);
    beat.enter(3, 17);
    const first = other.read()!;
    assert.deepEqual([first.slot, first.tick], [3, 17]);
    beat.leave();
    assert.equal(other.read(), null);
    beat.enter(3, 17);
    assert.notEqual(other.read()!.entry, first.entry);
  });

  it("keeps the frames of a match from its first tick, or from the tick after which its world was saved", () => {
    const rows = FrameRows.create(2, 2, 3);
    const matches = new WatchedMatches();
    const fault = (tick: number) => matches.faultOf({ entry: 1, slot: 4, tick }, "game.ts:5")!;
    matches.apply({ type: "open", slot: 4, match });
    assert.deepEqual(fault(0), {
      ...{ format: 1, ...match, tick: 0, at: "game.ts:5", savedTick: 0, saved: null },
      frames: [],
    });
    matches.apply({ type: "rows", slot: 4, seats: 2, width: 2, rows: rows.shared });
    for (const tick of [1, 2, 3]) {
      assert.equal(rows.isFull, false);
      rows.add(framesOf(tick));
    }
    assert.equal(rows.isFull, true);
    assert.deepEqual(fault(3).frames, [1, 2, 3].map(plain));
    rows.restart(3);
    matches.apply({ type: "saved", slot: 4, tick: 3, bytes: Uint8Array.of(1, 2) });
    rows.add(framesOf(4));
    const { savedTick, saved, frames } = fault(4);
    assert.deepEqual({ savedTick, saved, frames }, { savedTick: 3, saved: "AQI=", frames: [plain(4)] });
    matches.apply({ type: "close", slot: 4 });
    assert.equal(matches.faultOf({ entry: 1, slot: 4, tick: 4 }, null), null);
  });
});
