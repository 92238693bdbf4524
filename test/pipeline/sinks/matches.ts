/** Generated matches for tests of sinks: every message that such a match publishes, from a seed. */
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

export const DAY_MS = 86_400_000;
/** Noon of the day on which most tests take place. */
export const NOON_MS = Date.UTC(2026, 1, 3, 12);
export const TOPICS = ["logs_move", "logs_attack", "logs_heal", "logs_death", "logs_match", "logs_queue"];

/** A small deterministic generator (mulberry32): numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A UUIDv7 of that time, made unique by `number`. */
export function uuidV7(timeMs: number, number: number): string {
  const time = timeMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

type Event = Record<string, unknown>;

export interface MatchMessage {
  readonly matchId: string;
  readonly mode: string;
  readonly topic: string;
  readonly tick: number;
  readonly at: number;
  readonly events: Event[];
}

export function tickMessage(message: MatchMessage, game = "arena", v = 1): OutgoingMessage {
  const { topic, matchId, mode, tick, at, events } = message;
  const numbered = events.map((event, i) => ({ i, ...event }));
  const value = { v, game, matchId, roomId: "room-1", mode, tick, at, events: numbered };
  const headers = { id: `${matchId}:${tick}:${topic}`, seq: "outbox:1" };
  return { topic, key: matchId, headers, value: JSON.stringify(value) };
}

export interface MatchPlan {
  readonly number: number;
  readonly mode: "duel" | "ffa";
  readonly createdAt?: number;
  readonly ticks?: number;
  readonly reason?: string;
  /** None, as in messages of earlier builds, if omitted. */
  readonly map?: string;
}

const WEAPONS = ["bolt", "orb", "blade", "beam"];

/** All messages of a match, in order. Players are `p0`…; the last one of an ffa is a bot. */
export function playMatch(plan: MatchPlan): MatchMessage[] {
  const { number, mode, createdAt = NOON_MS, ticks = 45, reason = "score", map } = plan;
  const random = randomFrom(number + 1);
  const whole = (below: number) => Math.floor(random() * below);
  const matchId = uuidV7(createdAt, number);
  const players = Array.from({ length: mode === "duel" ? 2 : 5 }, (_, at) =>
    at === 4 ? "bot:arena-1" : `p${(at + number) % 7}`,
  );
  const messages: MatchMessage[] = [];
  const add = (topic: string, tick: number, events: Event[]) => {
    if (events.length > 0) messages.push({ matchId, mode, topic, tick, at: createdAt + tick * 50, events });
  };
  const seats = players.map((player, seat) => ({
    seat,
    player,
    team: seat,
    role: seat % 4,
    bot: player.startsWith("bot:"),
  }));
  const created = { kind: "created", rulesVersion: "1", rated: mode === "duel", region: "eu", source: "arena" };
  add("logs_match", 0, [
    { ...created, ...(map === undefined ? {} : { map }) },
    ...seats.map((seat) => ({ kind: "joined", ...seat })),
  ]);
  const roster = seats.map((seat) => ({ ...seat, rating: seat.bot ? null : 1200, games: seat.bot ? null : 3 }));
  add("logs_match", 1, [{ kind: "started", rated: mode === "duel", roster, weight: 0.5 }]);
  for (let tick = 2; tick < ticks; tick++) {
    const someone = () => players[whole(players.length)];
    const position = () => ({ x: whole(65_536), y: whole(65_536) });
    add(
      "logs_move",
      tick,
      players.filter(() => random() < 0.7).map((player) => ({ player, ...position(), aim: whole(65_536) })),
    );
    if (random() < 0.5) {
      const target = random() < 0.4 ? null : someone();
      const damage = target === null ? 0 : 1 + whole(40);
      const shot = {
        attacker: someone(),
        target,
        weapon: WEAPONS[whole(4)],
        damage,
        targetHp: whole(100),
        rewindTicks: 2,
      };
      add("logs_attack", tick, [{ ...shot, ...position() }]);
    }
    if (random() < 0.2)
      add("logs_heal", tick, [{ healer: someone(), target: someone(), amount: whole(30), targetHp: 50 }]);
    if (random() < 0.15) {
      const death = {
        victim: someone(),
        killer: someone(),
        assists: [someone(), 'odd"\\{id}'],
        weapon: WEAPONS[whole(4)],
      };
      add("logs_death", tick, [{ ...death, ...position() }]);
    }
  }
  const standings = seats.map(({ seat, player, team, bot }) => {
    const left = random() < 0.1;
    return { seat, player, team, bot, place: 1 + whole(2), score: whole(20), kills: whole(9), deaths: whole(9), left };
  });
  const counts = Object.fromEntries(
    TOPICS.map((topic) => [
      topic,
      messages.filter((one) => one.topic === topic).flatMap(({ events }) => events).length,
    ]),
  );
  const ended = { kind: "ended", reason, lastTick: ticks, standings, teamScores: [3, 1], counts, shed: {} };
  add("logs_match", ticks, [ended]);
  return messages;
}

export interface QueueEvent {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly player: string;
  readonly waitMs: number;
}

export function queueMessage(event: QueueEvent): OutgoingMessage {
  const { id, ...fields } = event;
  const rest = { mode: "duel", strategy: "elo", rating: 1200, party: null, region: "eu", matchId: null };
  const value = JSON.stringify({ v: 1, game: "arena", ...fields, ...rest });
  return { topic: "logs_queue", key: event.player, headers: { id, seq: "outbox:1" }, value };
}

/** A message of `logs_player` or `logs_rating`. */
export function personMessage(topic: string, id: string, fields: object, player = "p0", at = NOON_MS): OutgoingMessage {
  const value = JSON.stringify({ v: 1, at, player, ...fields });
  return { topic, key: player, headers: { id, seq: "outbox:1" }, value };
}
