/** `roleMax` of a mode, from the game's declaration to the plan of the match. */
import assert from "node:assert/strict";
import { arena } from "../../src/arena/game.ts";
import { defineGame } from "../../src/game/defineGame.ts";
import type { Game } from "../../src/game/Game.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { Pairer } from "../../src/matchmaking/pairing/Pairer.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { FakeMatchHost, noLog } from "./FakeMatchHost.ts";
import { duel, player } from "./poolEntries.ts";

const MEDIC = 3;
const withRoles = (roleMax: readonly number[]): Game =>
  defineGame({ ...arena, modes: { ...arena.modes, squad: { ...arena.modes.squad, roleMax } } });

/** Pairs players who request these roles. Resolves to the number of medics in each team, or null if no match is found. */
async function medicsOf(game: Game, roles: readonly (number | null)[]): Promise<number[] | null> {
  const pool = new MemoryPool();
  const matchHost = new FakeMatchHost();
  const pairer = new Pairer({
    game,
    pool,
    conduct: new MemoryConduct([0]),
    matchHost,
    publish() {},
    owner: "A",
    log: noLog,
  });
  for (const [at, role] of roles.entries()) {
    const players = [player(`p${at}`, { role })];
    await pool.enter({ ...duel, mode: "squad", id: `e${at}`, players, party: null, holder: "A" });
  }
  await pairer.pass();
  await pairer.untilOpened();
  if (matchHost.opened.length === 0) return null;
  const { teams } = matchHost.opened[0].plan;
  return teams.map((team) => team.filter(({ players }) => players[0].role === MEDIC).length);
}

describe("the mix of roles in a team", () => {
  it("stays within the mode's limits", async () => {
    const two = [MEDIC, MEDIC, ...Array.from({ length: 6 }, () => null)];
    assert.deepEqual(await medicsOf(withRoles([4, 4, 4, 1]), two), [1, 1]);
    assert.equal(await medicsOf(withRoles([4, 4, 4, 1]), [...two.slice(0, 7), MEDIC]), null);
  });

  it("is not limited if the mode has no limits", async () => {
    assert.deepEqual(
      await medicsOf(
        arena,
        Array.from({ length: 8 }, () => MEDIC),
      ),
      [4, 4],
    );
  });

  it("is rejected in the declaration if it is invalid", () => {
    assert.throws(
      () => withRoles([4, 4, 4]),
      /modes\.squad\.roleMax: is an array of length 3, expected an array with one entry for each of the 4 roles/,
    );
    for (const bad of [0, -1, 1.5])
      assert.throws(
        () => withRoles([4, 4, 4, bad]),
        /modes\.squad\.roleMax\[3\]: is .*, expected a whole number from 1/,
      );
  });
});
