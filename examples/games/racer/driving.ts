/** How cars move: throttle, brake and steering, walls, and other cars. */
import { cosine, ONE, pushOut, sine, slideAxis } from "../../../src/game/publicApi.ts";
import { tracks } from "./tracks.ts";
import type { RacerWorld, Wheel } from "./world.ts";

/** Moves the car in `seat` by one tick. A wall lets it slide along, but takes an eighth of its speed in each tick. */
export function drive(world: RacerWorld, seat: number, { steer, throttle, brake }: Wheel): void {
  const { rules, tickRate } = world;
  const { heading, speed, x, y } = world.seats;
  heading[seat] = (heading[seat] + Math.trunc((rules.steering * steer) / (127 * tickRate))) & 0xffff;
  const push = Math.trunc((rules.acceleration * throttle) / 127) - rules.braking * brake - rules.drag;
  speed[seat] = Math.max(0, Math.min(rules.maxSpeed, speed[seat] + Math.trunc(push / tickRate)));
  const dx = Math.trunc((speed[seat] * cosine(heading[seat])) / (ONE * tickRate));
  const dy = Math.trunc((speed[seat] * sine(heading[seat])) / (ONE * tickRate));
  if (!slide(world, seat, x[seat] + dx, y[seat] + dy)) speed[seat] -= speed[seat] >> 3;
}

/** Pushes the car in `seat` out of those ahead of it. Each touch takes an eighth of its speed. */
export function giveWay(world: RacerWorld, seat: number, isAhead: (other: number) => boolean): void {
  const { x, y, speed } = world.seats;
  for (let other = 0; other < x.length; other++) {
    if (other === seat || !isAhead(other)) continue;
    const pushed = { x: x[seat], y: y[seat] };
    if (!pushOut(pushed, x[other], y[other], 2 * world.rules.carRadius)) continue;
    slide(world, seat, pushed.x, pushed.y);
    speed[seat] -= speed[seat] >> 3;
  }
}

/** Moves a car towards a point, up to a wall. Returns whether it got there. */
function slide({ map, rules, seats: { x, y } }: RacerWorld, seat: number, toX: number, toY: number): boolean {
  const { walls } = tracks[map];
  x[seat] = slideAxis(walls, 0, x[seat], y[seat], toX - x[seat], rules.carRadius);
  y[seat] = slideAxis(walls, 1, y[seat], x[seat], toY - y[seat], rules.carRadius);
  return x[seat] === toX && y[seat] === toY;
}
