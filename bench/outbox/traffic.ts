/**
 * The traffic of the outbox benchmark. One free-for-all of sixteen bots is played in advance. Then many recorders, one per room,
 * record the ticks of this match at the same time.
 */
import { v7 as uuidv7 } from "uuid";
import { arena } from "../../src/arena/game.ts";
import { Facts } from "../../src/game/Facts.ts";
import { BOT, Frames } from "../../src/game/Frames.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import type { MatchRecorder, TickRecord } from "../../src/game/TickEvents.ts";
import { OutboxTickEvents } from "../../src/pipeline/events/OutboxTickEvents.ts";
import type { OutboxWriter } from "../../src/pipeline/outbox/Outbox.ts";

export const TICK_RATE = 20;
/** With 16 seats per room, about 1,000 players. */
export const ROOMS = 63;
export const PLAYED_TICKS = 400;
const SEATS = 16;

/** Plays one match and returns its ticks. Each tick has its own buffers, so the caller can keep all of them. */
export function playTicks(): TickRecord[] {
  const { teams } = arena.modes.ffa;
  const roster = teams.map((team, seat) => ({ seat, team, role: seat % arena.roles.length }));
  const world = GameWorld.create(arena, arena.rules, {
    mode: "ffa",
    map: arena.maps[0],
    tickRate: TICK_RATE,
    seed: "00112233445566778899aabbccddeeff",
    roster,
  });
  const frames = new Frames(SEATS, arena.inputFields.length);
  frames.holder.fill(BOT);
  for (const { seat, role } of roster) frames.role[seat] = role;
  return Array.from({ length: PLAYED_TICKS }, (_, tick) => {
    for (let seat = 0; seat < SEATS; seat++) world.think(seat, frames);
    const stepped = world.step(frames);
    const facts = new Facts(stepped.length);
    facts.words.set(stepped.words.subarray(0, stepped.length));
    facts.length = stepped.length;
    facts.count = stepped.count;
    const applied = new Frames(SEATS, arena.inputFields.length);
    applied.values.set(frames.values);
    return {
      tick: tick + 1,
      at: 1_700_000_000_000 + tick * 50,
      matchEvents: [],
      facts,
      setup: null,
      seatChanges: [],
      frames: applied,
      hash: tick % TICK_RATE === 0 ? world.hash() : null,
    };
  });
}

export function openRecorders(writer: OutboxWriter, ticks: readonly TickRecord[]): MatchRecorder[] {
  const onFault = (error: unknown) => {
    throw error;
  };
  const tickEvents = new OutboxTickEvents({ writer, games: [arena], now: Date.now, onFault });
  return Array.from({ length: ROOMS }, (_, room) => {
    const match = { game: arena, matchId: uuidv7(), roomId: `room-${room}`, mode: "ffa", seats: SEATS };
    const recorder = tickEvents.open(match);
    const seatChanges = Array.from({ length: SEATS }, (_, seat) => ({
      kind: "seat" as const,
      seat,
      player: uuidv7(),
      bot: false,
      role: seat % 4,
    }));
    recorder.record({ ...ticks[0], tick: 0, facts: null, frames: null, seatChanges });
    return recorder;
  });
}
