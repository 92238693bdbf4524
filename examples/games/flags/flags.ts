/**
 * Capture the flag. Take the flag of the other team at their base, and carry it to your own. Opponents who touch a carrier send
 * them home, without the flag. The first team with three points wins, or the one with more points after three minutes.
 */
import { axis, defineGame, type GameWorldOf, int, name, seat, u8, u16 } from "../../../src/game/publicApi.ts";

const WIDTH = 2000;
const HEIGHT = 1000;
/** The base of each team. */
const BASES = [
  { x: 100, y: 500 },
  { x: 1900, y: 500 },
];

/** Lengths per second, and within which players touch. */
const rules = { version: "1", speed: 400, reach: 60 };

const world = { seats: { x: u16, y: u16, carries: u8, score: u8 } };

const events = {
  flag: {
    topic: "flag",
    shed: "never",
    toClients: true,
    fields: { player: seat(), did: name(["taken", "lost", "scored"]), x: int(0, WIDTH), y: int(0, HEIGHT) },
  },
} as const;

type World = GameWorldOf<typeof world, typeof rules, typeof events>;

function goHome({ seats: { x, y }, teams }: World, player: number): void {
  const base = BASES[teams[player]];
  x[player] = base.x;
  y[player] = base.y;
}

function isNear({ seats: { x, y }, rules }: World, player: number, place: { x: number; y: number }): boolean {
  return (x[player] - place.x) ** 2 + (y[player] - place.y) ** 2 <= rules.reach ** 2;
}

/** A team carries at most one flag: the only one of the others. */
const carrierOf = ({ seats: { carries }, teams }: World, team: number): number =>
  teams.findIndex((other, player) => other === team && carries[player] === 1);

const move = (from: number, by: number, { rules, tickRate }: World, end: number): number =>
  Math.max(0, Math.min(end, from + Math.trunc((by * rules.speed) / (127 * tickRate))));

export const flags = defineGame({
  name: "flags",
  rules,
  modes: { teams: { teams: [0, 0, 1, 1], waitMs: 5000, onLeave: "bot", playMs: 180_000, scoreLimit: 3 } },
  input: { dx: axis, dy: axis },
  world,
  events,
  start(world) {
    for (const player of world.teams.keys()) goHome(world, player);
  },
  step(world, inputs) {
    const { teams, emit } = world;
    const { x, y, carries, score } = world.seats;
    for (const [player, { dx, dy }] of inputs.entries()) {
      x[player] = move(x[player], dx, world, WIDTH);
      y[player] = move(y[player], dy, world, HEIGHT);
    }
    for (const [player, team] of teams.entries()) {
      const tell = (did: "taken" | "lost" | "scored") => emit.flag({ player, did, x: x[player], y: y[player] });
      if (carries[player] === 0) {
        if (carrierOf(world, team) >= 0 || !isNear(world, player, BASES[1 - team])) continue;
        carries[player] = 1;
        tell("taken");
      } else if (isNear(world, player, BASES[team])) {
        carries[player] = 0;
        score[player]++;
        tell("scored");
      } else if (teams.some((other, by) => other !== team && isNear(world, by, { x: x[player], y: y[player] }))) {
        carries[player] = 0;
        tell("lost");
        goHome(world, player);
      }
    }
  },
  /** The bot of a team that has the flag protects its carrier; otherwise every second one hunts the carrier of the others. */
  think(world, player, input) {
    const { teams } = world;
    const { x, y, carries } = world.seats;
    const hunted = player % 2 === 0 ? carrierOf(world, 1 - teams[player]) : -1;
    const base = BASES[carries[player] === 1 ? teams[player] : 1 - teams[player]];
    const target = hunted >= 0 ? { x: x[hunted], y: y[hunted] } : base;
    input.dx = Math.max(-127, Math.min(127, target.x - x[player]));
    input.dy = Math.max(-127, Math.min(127, target.y - y[player]));
  },
});
