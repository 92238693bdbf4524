import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import * as z from "zod";
import { inputEvents, matchEvents } from "../../schema/matchEvents.ts";
import { Host, play, until } from "./Host.ts";
import { quickArena } from "./quickArena.ts";
import { assertRecordingHolds } from "./resimulate.ts";

const uint16 = z.int().min(0).max(65_535);
const uint8 = z.int().min(0).max(255);
const uint32 = z.int().min(0).max(0xffffffff);

/** `ArenaState` and `PlayerState` of the public contract. */
const playerState = z.object({
  ...{ playerId: z.string().min(1), name: z.string().min(1).max(24), team: uint8, role: z.int().min(0).max(3) },
  ...{ x: uint16, y: uint16, aim: uint16, hp: uint16, maxHp: uint16, alive: z.boolean() },
  ...{ kills: uint16, deaths: uint16, score: uint16, bot: z.boolean() },
});
const arenaState = z.object({
  tick: uint32,
  phase: z.enum(["waiting", "countdown", "playing", "ended"]),
  mode: z.string(),
  matchId: z.uuidv7(),
  rulesVersion: z.string(),
  endsAtTick: uint32,
  teamScores: z.array(uint16),
  players: z.record(z.string(), playerState),
});

const fact = z.looseObject({ t: z.enum(["attack", "heal", "death"]) });
const factsMessage = z.strictObject({ tick: uint32, facts: z.array(fact).min(1) });

/** Runs in circles and shoots, so that there are facts to record. */
function fight(data: any, state: any): void {
  const turn = Math.floor(state.tick / 20) % 4;
  Object.assign(data, { moveX: [127, 0, -127, 0][turn], moveY: [0, 127, 0, -127][turn] });
  Object.assign(data, { aim: (state.tick * 997) % 65_536, buttons: 3 });
}

function watch(room: Room<any, any>): { phases: string[]; facts: unknown[] } {
  const seen = { phases: [] as string[], facts: [] as unknown[] };
  room.onStateChange((state) => {
    arenaState.parse(state.toJSON());
    if (seen.phases.at(-1) !== state.phase) seen.phases.push(state.phase);
  });
  room.onMessage("facts", (message) => {
    factsMessage.parse(message);
    seen.facts.push(message);
  });
  return seen;
}

const SEATS = { duel: 2, squad: 8, ffa: 16 } as const;

describe("the arena over a socket", () => {
  const game = quickArena();
  const host = new Host();
  before(() => host.start({ games: [game] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  for (const [mode, seats] of Object.entries(SEATS)) {
    const players = seats === 2 ? "a bot" : "bots, a leaver, a dropped player and a late joiner";
    it(`plays a ${mode} with ${players} to its end by the contract, and re-simulates to the same hash`, async () => {
      const room = await host.join("arena", { mode, role: 1, name: "Ann" });
      const seen = watch(room);
      const others = await Promise.all(
        Array.from({ length: seats === 2 ? 0 : 2 }, () => host.join("arena", { mode, role: 3 })),
      );
      for (const each of [room, ...others]) play(each, fight);
      await until(room, (state) => state.phase === "playing");
      assert.equal(room.state.players.size, seats);
      // One player leaves for good, one drops and reconnects, and one joins late.
      if (others.length > 0) {
        others[0].leave();
        (others[1] as any).connection.transport.ws.close();
        play(await host.join("arena", { mode }), fight);
      }
      await until(room, (state) => state.phase === "ended");

      assert.deepEqual(seen.phases, ["waiting", "countdown", "playing", "ended"]);
      assert.ok(seen.facts.length > 0, "nobody fought");
      assert.equal(room.state.teamScores.length, mode === "ffa" ? 16 : 2);
      const mine = room.state.players.get(room.sessionId);
      assert.deepEqual([mine.name, mine.bot, mine.role], ["Ann", false, 1]);
      const bots = [...room.state.players.entries()].filter(([, player]) => player.bot);
      for (const [key, player] of bots) assert.ok(key.startsWith("bot:") && player.playerId.startsWith("bot:"));
      assertRecorded(mode, seats);
    });
  }

  function assertRecorded(mode: string, seats: number): void {
    const match = host.tickEvents.matches.at(-1)!;
    assertRecordingHolds(game, match);
    inputEvents.setup.parse(match.records[0].setup);
    for (const record of match.records) {
      for (const change of record.seatChanges) inputEvents.seat.parse(change);
      for (const event of record.matchEvents) {
        const counts = event.kind === "ended" ? { counts: {}, shed: {} } : {};
        (matchEvents[event.kind] as z.ZodType).parse({ ...event, ...counts });
      }
    }
    const kinds = match.records.flatMap(({ matchEvents }) => matchEvents.map(({ kind }) => kind));
    assert.equal(kinds[0], "created");
    const started = match.records.flatMap(({ matchEvents }) => matchEvents.filter(({ kind }) => kind === "started"));
    assert.equal(started.length, 1);
    assert.equal((started[0] as any).roster.length, seats);
    assert.equal((started[0] as any).rated, false, "a match with bots is not rated");
    const ended = match.records.at(-1)!.matchEvents[0] as any;
    assert.equal(ended.reason, "time");
    assert.equal(ended.standings.length, seats);
    assert.equal(ended.standings.filter((standing: any) => standing.left).length, mode === "duel" ? 0 : 1);
  }
});
