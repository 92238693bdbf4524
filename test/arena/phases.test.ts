import assert from "node:assert/strict";
import { result, status } from "../../src/arena/result.ts";
import { BUTTON_ATTACK, KNIGHT, MAGE, METRE, rules } from "../../src/arena/rules.ts";
import { hash } from "../../src/arena/snapshot.ts";
import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";
import { ticksIn } from "../../src/game/kit/clock.ts";
import { changedRules, factsOf, factsOfKind, input, type Match, newMatch, playingMatch, put, step } from "./match.ts";

/** Makes `attacker` kill `victim` with a real shot in the next step. */
function kill({ world, frames }: Match, attacker: number, victim: number): void {
  world.hp[victim] = 1;
  world.attackReadyTick[attacker] = 0;
  world.protectedUntilTick[victim] = 0;
  put(world, attacker, 32768 - 5 * METRE, 32768);
  put(world, victim, 32768 - 4 * METRE, 32768);
  input(frames, attacker, { buttons: BUTTON_ATTACK });
  step(world, frames);
  frames.values.fill(0);
  assert.equal(factsOfKind(world, "death")[0][0], victim);
}

function stepUntilAlive({ world, frames }: Match, seat: number): void {
  while (world.alive[seat] === 0) step(world, frames);
}

describe("phases", () => {
  it("begin with waiting until every seat is held, then a countdown, then playing at the spawn points with full hp", () => {
    for (const tickRate of [10, 20, 30, 60]) {
      const { world, frames } = newMatch({ tickRate, roles: [0, KNIGHT] });
      frames.holder[0] = PERSON;
      for (let i = 0; i < 50; i++) {
        step(world, frames);
        assert.deepEqual({ ...status(world) }, { tick: i + 1, phase: "waiting", endsAtTick: 0, endReason: null });
      }
      input(frames, 0, { moveX: 127 });
      frames.holder[1] = BOT;
      step(world, frames);
      const countdown = ticksIn(rules.modes.duel.countdownMs, tickRate);
      assert.deepEqual(
        { ...status(world) },
        { tick: 51, phase: "countdown", endsAtTick: 51 + countdown, endReason: null },
      );
      input(frames, 0, {});
      for (let i = 0; i < countdown; i++) step(world, frames);
      const limit = ticksIn(rules.modes.duel.timeLimitMs, tickRate);
      const begun = 51 + countdown;
      assert.deepEqual(
        { ...status(world) },
        { tick: begun, phase: "playing", endsAtTick: begun + limit, endReason: null },
      );
      assert.deepEqual([...world.hp], [100, 150]);
      assert.equal(world.x[0] + world.x[1], 65536);
    }
  });

  it("return to waiting when a player leaves during the countdown", () => {
    const { world, frames } = newMatch({});
    frames.holder.fill(PERSON);
    step(world, frames);
    assert.equal(status(world).phase, "countdown");
    frames.holder[1] = NOBODY;
    step(world, frames);
    assert.equal(status(world).phase, "waiting");
    assert.equal(world.alive[1], 0);
  });

  it("allow no damage before the match is playing", () => {
    const { world, frames } = newMatch({ mode: "ffa", roles: Array(16).fill(MAGE) });
    frames.holder.fill(PERSON);
    for (let seat = 0; seat < 16; seat++) input(frames, seat, { aim: seat * 4096, buttons: 3 });
    step(world, frames);
    while (status(world).phase !== "playing") {
      assert.deepEqual([...world.hp], [...world.maxHp]);
      assert.ok(world.orbTick.every((tick) => tick === 0));
      step(world, frames);
    }
  });

  it("allow a role change before the match is playing, and not later", () => {
    const { world, frames } = newMatch({});
    frames.holder.fill(PERSON);
    step(world, frames);
    frames.role[0] = KNIGHT;
    step(world, frames);
    assert.deepEqual([world.role[0], world.maxHp[0], world.hp[0]], [KNIGHT, 150, 150]);
    while (status(world).phase !== "playing") step(world, frames);
    frames.role[0] = MAGE;
    step(world, frames);
    assert.equal(world.role[0], KNIGHT);
  });

  it("keep the body when a bot replaces a player, or the reverse, while the match is playing", () => {
    const { world, frames } = playingMatch({ mode: "squad" });
    world.hp[2] = 33;
    input(frames, 2, { moveX: 127, aim: 99 });
    step(world, frames);
    const before = [world.x[2], world.y[2], world.role[2], world.hp[2]];
    frames.holder[2] = BOT;
    input(frames, 2, { aim: 99 });
    step(world, frames);
    assert.deepEqual([world.x[2], world.y[2], world.role[2], world.hp[2]], before);
    assert.equal(status(world).phase, "playing");
  });

  it("allow no change after the end", () => {
    const match = playingMatch({});
    match.frames.holder[0] = NOBODY;
    step(match.world, match.frames);
    const before = hash(match.world);
    match.frames.holder.fill(PERSON);
    for (let i = 0; i < 10; i++) {
      step(match.world, match.frames);
      assert.deepEqual(factsOf(match.world), []);
    }
    assert.equal(hash(match.world), before);
  });
});

describe("a match ends", () => {
  it("in duel by elimination, when a player has no life left", () => {
    const match = playingMatch({});
    for (let life = 1; life <= rules.modes.duel.lives; life++) {
      stepUntilAlive(match, 1);
      assert.equal(status(match.world).phase, "playing");
      kill(match, 0, 1);
    }
    assert.equal(status(match.world).endReason, "eliminated");
    const { standings, teamScores } = result(match.world);
    assert.deepEqual(
      standings.map((s) => s.place),
      [1, 2],
    );
    assert.deepEqual(teamScores, [3, 0]);
  });

  it("in a draw when both lose their last life in one tick", () => {
    const match = playingMatch({});
    const { world, frames } = match;
    world.deaths.fill(2);
    world.teamScores.fill(2);
    put(world, 0, 32768 - 5 * METRE, 32768);
    put(world, 1, 32768 - 4 * METRE, 32768);
    world.hp.fill(1);
    input(frames, 0, { buttons: BUTTON_ATTACK });
    input(frames, 1, { aim: 32768, buttons: BUTTON_ATTACK });
    step(world, frames);
    assert.equal(status(world).endReason, "eliminated");
    assert.deepEqual(
      result(world).standings.map((s) => s.place),
      [1, 1],
    );
  });

  for (const mode of ["squad", "ffa"]) {
    it(`in ${mode} by score`, () => {
      const match = playingMatch({ mode });
      const victim = mode === "ffa" ? 3 : 5;
      for (let kills = 1; kills <= rules.modes[mode].scoreLimit; kills++) {
        stepUntilAlive(match, victim);
        assert.equal(status(match.world).phase, "playing");
        kill(match, 0, victim);
      }
      assert.equal(status(match.world).endReason, "score");
      const places = result(match.world).standings.map((s) => s.place);
      assert.equal(places[0], 1);
      assert.ok(places[victim] > 1);
    });
  }

  for (const mode of ["duel", "squad", "ffa"]) {
    it(`in ${mode} by time, in a draw when scores are equal`, () => {
      const match = playingMatch({ mode, rules: changedRules((draft) => (draft.modes[mode].timeLimitMs = 2000)) });
      const { endsAtTick } = status(match.world);
      while (status(match.world).phase === "playing") step(match.world, match.frames);
      assert.equal(status(match.world).tick, endsAtTick);
      assert.equal(status(match.world).endReason, "time");
      assert.ok(result(match.world).standings.every((s) => s.place === 1));
    });
  }

  it("in duel when a player leaves, and the other player wins whatever the score", () => {
    for (const holder of [NOBODY, BOT]) {
      const match = playingMatch({});
      kill(match, 0, 1);
      match.frames.holder[0] = holder;
      step(match.world, match.frames);
      assert.equal(status(match.world).endReason, "abandoned");
      assert.deepEqual(
        result(match.world).standings.map((s) => s.place),
        [2, 1],
      );
    }
  });

  it("but not in squad when a player leaves", () => {
    const match = playingMatch({ mode: "squad" });
    match.frames.holder[0] = BOT;
    step(match.world, match.frames);
    assert.equal(status(match.world).phase, "playing");
  });
});
