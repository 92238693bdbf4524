/** Checkpoints, laps, and who is ahead. */
import { placesOf } from "../../../src/game/publicApi.ts";
import { centreOf, nextCheckpoint, tracks } from "./tracks.ts";
import type { RacerWorld } from "./world.ts";

export function hasFinished({ seats }: RacerWorld, seat: number): boolean {
  return seats.finishTicks[seat] > 0;
}

/** Counts the checkpoint in which the car in `seat` is now, if it is the next one. */
export function passCheckpoint(world: RacerWorld, seat: number): void {
  const { seats, rules, emit } = world;
  const { tick, startTick } = world.globals;
  const track = tracks[world.map];
  const [x0, y0, x1, y1] = nextCheckpoint(track, seats.score[seat]);
  const [x, y] = [seats.x[seat], seats.y[seat]];
  if (x < x0 || x > x1 || y < y0 || y > y1) return;
  seats.score[seat]++;
  if (seats.score[seat] % track.checkpoints.length !== 0) return;
  seats.laps[seat]++;
  emit.lap({ player: seat, lap: seats.laps[seat], ticks: tick - seats.lapTick[seat] });
  seats.lapTick[seat] = tick;
  if (seats.laps[seat] < rules.laps) return;
  seats.finishTicks[seat] = tick - startTick;
  emit.finish({ player: seat, ticks: tick - startTick });
}

/** Cars that have finished are ranked by their time, the others behind them by the way they made; who gave up is last. */
export function isAhead(world: RacerWorld, a: number, b: number): boolean {
  const { gaveUp, finishTicks, score } = world.seats;
  if (gaveUp[a] !== gaveUp[b]) return gaveUp[b] === 1;
  if (hasFinished(world, a) && hasFinished(world, b)) return finishTicks[a] < finishTicks[b];
  if (hasFinished(world, a) || hasFinished(world, b)) return hasFinished(world, a);
  if (score[a] !== score[b]) return score[a] > score[b];
  return squareToNext(world, a) < squareToNext(world, b);
}

/** Place of each seat, from 1. */
export function placesNow(world: RacerWorld): number[] {
  return placesOf(world.teams.length, (a, b) => isAhead(world, a, b));
}

/** The square of the distance to the centre of the next checkpoint. */
function squareToNext({ map, seats }: RacerWorld, seat: number): number {
  const [x, y] = centreOf(nextCheckpoint(tracks[map], seats.score[seat]));
  return (x - seats.x[seat]) ** 2 + (y - seats.y[seat]) ** 2;
}
