/** Random matches: all modes, joins and leaves, and a way to repeat the one that fails. */
import assert from "node:assert/strict";
import { playRandomly } from "../../../src/game/testing/playRandomly.ts";
import { tag } from "../../tag/tag.ts";

/** What a check that fails at the first catch throws. */
function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("nothing was thrown");
}

describe("playRandomly", () => {
  it("plays all modes with changing holders and extreme frames, and some matches to the end", () => {
    const seen = new Set<string>();
    playRandomly(tag, {
      check: ({ setup, status, frames, state }) => {
        seen.add(setup.mode).add(status.phase);
        for (const holder of frames.holder) seen.add(`holder ${holder}`);
        for (const value of [-127, 127]) if (frames.values.includes(value)) seen.add(`value ${value}`);
        assert.ok(state.players.size <= setup.roster.length);
      },
    });
    const all = ["pair", "crowd", "waiting", "playing", "ended", "holder 0", "holder 1", "holder 2"];
    assert.deepEqual(
      [...all, "value -127", "value 127"].filter((one) => !seen.has(one)),
      [],
    );
  });

  it("plays the same matches for the same seed", () => {
    const hashesOf = (seed: number): string[] => {
      const hashes: string[] = [];
      playRandomly(tag, { seed, matches: 4, ticks: 30, check: (match) => void hashes.push(match.hash()) });
      return hashes;
    };
    assert.deepEqual(hashesOf(3), hashesOf(3));
    assert.notDeepEqual(hashesOf(3), hashesOf(4));
  });

  it("names the match and the tick at fault, and the call that repeats it", () => {
    const check = ({ facts }: { readonly facts: readonly unknown[] }) => assert.equal(facts.length, 0, "caught");
    const message = messageOf(() => playRandomly(tag, { mode: "crowd", check }));
    const [, seed, tick] = /^tag, match \d+ \(seed (\d+), mode crowd, map yard\) at tick (\d+): caught; /.exec(
      message,
    )!;
    assert.ok(
      message.endsWith(`repeat it with playRandomly(tag, { matches: 1, seed: ${seed}, mode: "crowd", check })`),
    );
    const again = messageOf(() => playRandomly(tag, { matches: 1, seed: Number(seed), mode: "crowd", check }));
    assert.match(again, new RegExp(`seed ${seed}, .* at tick ${tick}: caught`));
  });

  it("reports the mistakes of the game in the same way", () => {
    const step: typeof tag.step = (world, frames) => {
      tag.step(world, frames);
      if (world.status().phase === "playing") throw new Error("oops");
    };
    const message = messageOf(() => playRandomly({ ...tag, step }, { check: () => {} }));
    assert.match(message, /^tag, match \d+ \(seed \d+, .*\) at tick \d+: tag, step at tick \d+: threw Error: oops;/);
  });
});
