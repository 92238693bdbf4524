/**
 * Capture the flag of `examples/games/flags` as a plain Colyseus room: the same rules, the same synced state and messages. It has
 * no bots, records, ratings and replays. Written as compactly as the game, so that their sizes can be compared.
 */
import { type Client, Room } from "@colyseus/core";
import { type SchemaType, schema, t } from "@colyseus/schema";

const WIDTH = 2000;
const HEIGHT = 1000;
/** The base of each team. */
const BASES = [
  { x: 100, y: 500 },
  { x: 1900, y: 500 },
];
const SEATS = 4;
const SPEED = 400;
const REACH = 60;
const COUNTDOWN_MS = 3000;
const PLAY_MS = 180_000;
const SCORE_LIMIT = 3;
const TICK_RATE = 20;

const Player = schema({
  name: t.string().default(""),
  team: t.uint8().default(0),
  x: t.uint16().default(0),
  y: t.uint16().default(0),
  carries: t.boolean().default(false),
  score: t.uint8().default(0),
});
type Player = SchemaType<typeof Player>;

const State = schema({
  tick: t.uint32().default(0),
  phase: t.string().default("waiting"),
  endsAtTick: t.uint32().default(0),
  players: t.map(Player),
});
type State = SchemaType<typeof State>;

const clamp = (value: unknown, min: number, max: number): number =>
  Number.isFinite(value) ? Math.max(min, Math.min(max, Math.trunc(value as number))) : 0;

function goHome(player: Player): void {
  const base = BASES[player.team];
  player.x = base.x;
  player.y = base.y;
}

function isNear(player: Player, place: { x: number; y: number }): boolean {
  return (player.x - place.x) ** 2 + (player.y - place.y) ** 2 <= REACH ** 2;
}

const move = (from: number, by: number, end: number): number => clamp(from + (by * SPEED) / (127 * TICK_RATE), 0, end);

export class PlainFlagsRoom extends Room<{ state: State }> {
  override state = new State();
  override maxClients = SEATS;
  private readonly latest = new Map<string, { dx: number; dy: number }>();

  override onCreate(): void {
    this.onMessage("input", ({ sessionId }, message: { dx?: unknown; dy?: unknown } | null) => {
      this.latest.set(sessionId, { dx: clamp(message?.dx, -127, 127), dy: clamp(message?.dy, -127, 127) });
    });
    this.setSimulationInterval(() => this.step(), 1000 / TICK_RATE);
  }

  override onJoin({ sessionId }: Client, options: { name?: unknown }): void {
    const teams = [...this.state.players.values()].map(({ team }) => team);
    const player = new Player();
    player.name = String(options.name ?? "guest").slice(0, 24);
    player.team = teams.filter((team) => team === 0).length < SEATS / 2 ? 0 : 1;
    goHome(player);
    this.state.players.set(sessionId, player);
    this.latest.set(sessionId, { dx: 0, dy: 0 });
  }

  override onLeave({ sessionId }: Client): void {
    this.state.players.delete(sessionId);
    this.latest.delete(sessionId);
  }

  private step(): void {
    const { state } = this;
    state.tick++;
    this.advancePhase();
    if (state.phase !== "playing") return;
    for (const [id, player] of state.players.entries()) {
      const { dx, dy } = this.latest.get(id)!;
      player.x = move(player.x, dx, WIDTH);
      player.y = move(player.y, dy, HEIGHT);
    }
    for (const [id, player] of state.players.entries()) this.playFlag(id, player);
    const isWon = [0, 1].some((team) => this.scoreOf(team) >= SCORE_LIMIT);
    if (isWon || state.tick >= state.endsAtTick) this.end();
  }

  private advancePhase(): void {
    const { state } = this;
    if (state.phase === "waiting" || state.phase === "countdown") {
      if (state.players.size < SEATS) {
        state.phase = "waiting";
        state.endsAtTick = 0;
      } else if (state.phase === "waiting") {
        state.phase = "countdown";
        state.endsAtTick = state.tick + (COUNTDOWN_MS * TICK_RATE) / 1000;
      } else if (state.tick >= state.endsAtTick) {
        state.phase = "playing";
        state.endsAtTick = state.tick + (PLAY_MS * TICK_RATE) / 1000;
        this.lock();
      }
    }
  }

  private playFlag(id: string, player: Player): void {
    const { team } = player;
    const players = [...this.state.players.values()];
    const tell = (did: "taken" | "lost" | "scored") =>
      this.broadcast("flag", { player: id, did, x: player.x, y: player.y });
    if (!player.carries) {
      const isTaken = players.some((other) => other.team === team && other.carries);
      if (isTaken || !isNear(player, BASES[1 - team])) return;
      player.carries = true;
      tell("taken");
    } else if (isNear(player, BASES[team])) {
      player.carries = false;
      player.score++;
      tell("scored");
    } else if (players.some((other) => other.team !== team && isNear(other, player))) {
      player.carries = false;
      tell("lost");
      goHome(player);
    }
  }

  private scoreOf(team: number): number {
    let score = 0;
    for (const player of this.state.players.values()) if (player.team === team) score += player.score;
    return score;
  }

  private end(): void {
    this.state.phase = "ended";
    this.broadcast("result", { teamScores: [this.scoreOf(0), this.scoreOf(1)] });
    this.clock.setTimeout(() => this.disconnect(), 5000);
  }
}
