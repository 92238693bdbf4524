import assert from "node:assert/strict";
import { Decoder, Encoder } from "@colyseus/schema";
import { ArenaState, PlayerState } from "../../src/arena/ArenaState.ts";
import { arena } from "../../src/arena/game.ts";
import { pairingScore } from "../../src/arena/pairing.ts";
import { BUTTON_ATTACK, MAGE, METRE, rules } from "../../src/arena/rules.ts";
import { Frames, PERSON } from "../../src/game/Frames.ts";
import { noFacts } from "../../src/game/noFacts.ts";
import { input, type Match, playingMatch, put, step } from "./match.ts";

/** Returns a match with its synced state, and the state of a client that decodes the patches. */
function synced(options: Parameters<typeof playingMatch>[0]) {
  const match = playingMatch(options);
  const state = new ArenaState();
  const encoder = new Encoder(state);
  const players = Array.from({ length: match.world.seats }, (_, seat) => {
    const player = new PlayerState();
    state.players.set(`session${seat}`, player);
    return player;
  });
  const client = new ArenaState();
  const decoder = new Decoder(client);
  const send = (): number => {
    arena.project(match.world, state, players);
    const bytes = encoder.encode();
    const length = bytes.length;
    decoder.decode(bytes);
    encoder.discardChanges();
    return length;
  };
  send();
  return { ...match, state, client, send };
}

function stepOnce({ world, frames }: Match): void {
  step(world, frames);
}

describe("the arena's synced state", () => {
  it("declares the fields of the public state contract first, in the contract's order", () => {
    const state = Object.keys(new ArenaState().toJSON());
    assert.deepEqual(
      state.slice(0, 8),
      "tick phase mode matchId rulesVersion endsAtTick teamScores players".split(" "),
    );
    const player = Object.keys(new PlayerState().toJSON());
    assert.deepEqual(
      player.slice(0, 14),
      "playerId name team role x y aim hp maxHp alive kills deaths score bot".split(" "),
    );
  });

  it("equals the world", () => {
    const { world, frames, client, send } = synced({ mode: "squad", roles: [0, 1, 2, 3] });
    input(frames, 0, { moveX: 127, aim: 77 });
    stepOnce({ world, frames });
    send();
    const player = client.players.get("session0")!;
    assert.deepEqual(
      [player.x, player.y, player.aim, player.hp, player.team, player.role, player.alive, player.seat],
      [world.x[0], world.y[0], 77, world.hp[0], 0, 0, true, 0],
    );
    assert.deepEqual([client.phase, client.tick, [...client.teamScores]], ["playing", world.globals.tick, [0, 0]]);
    assert.equal(client.players.get("session2")!.maxHp, rules.roles[2].hp);
  });

  it("takes at most 9 bytes per player who moved, and 12 per player who also turned", () => {
    const { world, frames, send } = synced({ mode: "ffa" });
    stepOnce({ world, frames });
    const idle = send();
    assert.ok(idle <= 8, `${idle} bytes for the tick alone`);
    for (let seat = 0; seat < 16; seat++) input(frames, seat, { moveX: 127, moveY: -127 });
    stepOnce({ world, frames });
    const moving = send();
    assert.ok(moving - idle <= 16 * 9, `${moving - idle} bytes`);
    for (let seat = 0; seat < 16; seat++) input(frames, seat, { moveX: -127, moveY: 127, aim: 1000 + seat });
    stepOnce({ world, frames });
    const turning = send();
    assert.ok(turning - idle <= 16 * 12, `${turning - idle} bytes`);
  });

  it("shows an orb from firing to burst, without sending anything in between", () => {
    const { world, frames, client, send } = synced({ roles: [MAGE, MAGE] });
    put(world, 0, 32_768 - 12 * METRE, 32_768 + 7 * METRE);
    put(world, 1, 32_768, 32_768 + 8 * METRE);
    input(frames, 0, { aim: 16_384, buttons: BUTTON_ATTACK });
    stepOnce({ world, frames });
    send();
    const [orb] = client.orbs;
    assert.deepEqual(
      [client.orbs.length, orb.bornTick, orb.seat, orb.x, orb.y],
      [1, world.globals.tick, 0, world.x[0], world.y[0]],
    );
    assert.deepEqual([orb.stepX, orb.stepY], [0, world.tickRules.orbStride]);
    input(frames, 0, { aim: 16_384 });
    stepOnce({ world, frames });
    assert.ok(send() <= 8);
    for (let i = 0; i < 40; i++) stepOnce({ world, frames });
    send();
    assert.equal(client.orbs[0].bornTick, 0);
    input(frames, 0, { aim: 0, buttons: BUTTON_ATTACK });
    stepOnce({ world, frames });
    send();
    assert.equal(client.orbs.length, 1, "the list entry is reused");
    assert.equal(client.orbs[0].bornTick, world.globals.tick);
  });
});

describe("the arena as a game", () => {
  it("writes observations of the declared length: first the values of the seat itself, then the other players, nearest first", () => {
    const { world, frames } = playingMatch({ mode: "squad", roles: [3] });
    step(world, frames);
    const out = new Int32Array(arena.observationLength);
    arena.observe(world, 0, out);
    assert.deepEqual([out[0], out[2], out[6], out[8]], [2, 3, rules.roles[3].hp, 1]);
    const others = Array.from({ length: 7 }, (_, i) => out.subarray(14 + i * 10, 24 + i * 10));
    assert.ok(others.every((other) => other[0] === 1));
    const squares = others.map((other) => other[3] ** 2 + other[4] ** 2);
    assert.deepEqual(
      squares,
      [...squares].sort((a, b) => a - b),
    );
    assert.equal(others.filter((other) => other[1] === 1).length, 3);
  });

  it("rewards the attacker and penalises the victim", () => {
    const { world, frames } = playingMatch({});
    put(world, 0, 32_768 - 5 * METRE, 32_768);
    put(world, 1, 32_768 - 4 * METRE, 32_768);
    input(frames, 0, { buttons: BUTTON_ATTACK });
    step(world, frames);
    assert.ok(arena.reward(world, 0) > 0);
    assert.equal(arena.reward(world, 1), -arena.reward(world, 0));
    frames.values.fill(0);
    step(world, frames);
    assert.equal(arena.reward(world, 0), 0);
  });

  it("pairs players by rating, symmetrically, with a tolerance that grows with waiting time", () => {
    const player = (rating: number, waitMs = 0) => ({ rating, role: 0, waitMs });
    assert.equal(pairingScore(player(1500), player(1580)), 80);
    assert.equal(pairingScore(player(1500), player(1700)), null);
    assert.equal(pairingScore(player(1500, 10_000), player(1700)), 200);
    assert.equal(pairingScore(player(1700), player(1500, 10_000)), 200);
  });

  it("refuses an unknown mode, map or tick rate, and names it", () => {
    const setup = { mode: "duel", map: arena.maps[0], tickRate: 20, seed: "0".repeat(32), roster: [] };
    assert.throws(() => arena.createWorld(rules, { ...setup, mode: "toString" }, noFacts), /toString/);
    assert.throws(() => arena.createWorld(rules, { ...setup, map: "nowhere" }, noFacts), /nowhere/);
    assert.throws(() => arena.createWorld(rules, { ...setup, seed: "xyz" }, noFacts), /xyz/);
    assert.throws(() => arena.createWorld(rules, { ...setup, tickRate: 0 }, noFacts), /tick rate 0/);
  });

  it("has a layout for every mode on every map", () => {
    for (const map of arena.maps) {
      for (const mode of Object.keys(arena.modes)) {
        const world = arena.createWorld(rules, { mode, map, tickRate: 20, seed: "1".repeat(32), roster: [] }, noFacts);
        const frames = new Frames(world.seats, arena.inputFields.length);
        frames.holder.fill(PERSON);
        step(world, frames);
        const positions = new Set(Array.from(world.x, (x, seat) => `${x},${world.y[seat]}`));
        assert.equal(positions.size, world.seats, `${map} ${mode}: two seats start at the same position`);
        assert.ok(world.seats <= 255);
      }
    }
  });
});
