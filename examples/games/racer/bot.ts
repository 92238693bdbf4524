/** The bots follow the checkpoints, each in a lane of its own, and brake before they turn. */
import { aimAlong, FULL_DEFLECTION, noise } from "../../../src/game/publicApi.ts";
import { centreOf, nextCheckpoint, tracks } from "./tracks.ts";
import type { RacerWorld, Wheel } from "./world.ts";

/** Width of all lanes. */
const LANES = 1200;
const EIGHTH_TURN = 8192;
const CORNER_SPEED = 2000;

export function think({ globals, seats, map }: RacerWorld, seat: number, input: Wheel): void {
  const passed = seats.score[seat];
  const [x, y] = centreOf(nextCheckpoint(tracks[map], passed));
  const lane = noise(globals.botKey, seat, passed, LANES) - LANES / 2;
  const off = turnTo(seats.heading[seat], aimAlong(x + lane - seats.x[seat], y + lane - seats.y[seat]));
  const isCorner = Math.abs(off) > EIGHTH_TURN && seats.speed[seat] > CORNER_SPEED;
  input.steer = Math.max(-FULL_DEFLECTION, Math.min(FULL_DEFLECTION, off >> 4));
  input.throttle = isCorner ? 0 : FULL_DEFLECTION;
  input.brake = isCorner ? 1 : 0;
}

/** The shorter way from one heading to another: −32,768 to 32,767. */
function turnTo(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
