/** The checks of `npm run dev` on a running match. */
import assert from "node:assert/strict";
import { devGame } from "../../src/game/devGame.ts";
import { PERSON } from "../../src/game/Frames.ts";
import { testMatch } from "../../src/game/testing/testMatch.ts";
import { tag } from "../tag/tag.ts";

describe("a game in development", () => {
  it("plays as it does without the checks", () => {
    const lines: string[] = [];
    const play = (game: typeof tag) =>
      testMatch(game, { mode: "pair", seed: 5 }).play(60, (seat) => ({ dx: seat * 9 }));
    assert.equal(play(devGame(tag, (line) => lines.push(line)) as typeof tag).hash(), play(tag).hash());
    assert.deepEqual(lines, []);
  });

  it("ends at a step that differs when it is repeated, and names game, tick and place", () => {
    let calls = 0;
    const random = {
      ...tag,
      step(world: any, frames: any) {
        tag.step(world, frames);
        world.words[8] = ++calls;
      },
    };
    const match = testMatch(
      devGame(random, () => {}),
      { mode: "pair" },
    );
    assert.throws(
      () => match.play(1),
      /^GameFault: tag, step at tick 1: two steps from the same world .* differ in byte/,
    );
  });

  it("ends at a step that calls Math.random, also if the step ignores it", () => {
    const random = {
      ...tag,
      step(world: any, frames: any) {
        tag.step(world, frames);
        if (frames.holder[0] === PERSON) Math.random();
      },
    };
    const match = testMatch(
      devGame(random, () => {}),
      { mode: "pair" },
    );
    assert.throws(() => match.play(1), /^GameFault: tag, step at tick 1: called Math\.random/);
  });

  it("reports a value that does not fit its field once, and plays on", () => {
    const lines: string[] = [];
    const wide = {
      ...tag,
      project(world: any, state: any, players: any) {
        tag.project(world, state, players);
        for (const player of players) if (player !== null) player.x = 70_000;
      },
    };
    // The test kit refuses such a state itself.
    const game = devGame(wide, (line) => lines.push(line));
    const world = game.createWorld(game.rules, testMatch(tag, { mode: "pair" }).setup, {} as never);
    for (let tick = 0; tick < 3; tick++) {
      const state = new game.State() as any;
      const player = new game.PlayerState() as any;
      state.players.set("one", player);
      game.project(world, state, [player, null]);
    }
    assert.equal(lines.length, 1);
    assert.match(
      lines[0],
      /^tag, project at tick 0, field players\["one"\]\.x: is 70000, expected a whole number from 0 to 65535/,
    );
  });
});
