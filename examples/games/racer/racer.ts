/**
 * A race of cars, seen from above: who drives all laps in the shortest time wins.
 *
 * The game shows a declared world that is synced as it is, several maps, walls that bodies slide along, angles on integers, bots
 * that steer, and an order of its own (`places`): by time, not by points.
 */
import { BY_SCORE, defineGame, endMatch } from "../../../src/game/publicApi.ts";
import { think } from "./bot.ts";
import { drive, giveWay } from "./driving.ts";
import { hasFinished, isAhead, passCheckpoint, placesNow } from "./race.ts";
import { startOf, tracks } from "./tracks.ts";
import { events, input, type RacerWorld, rules, world } from "./world.ts";

/** Takes the cars to the start, where they are shown while players are awaited. */
function start({ map, seats }: RacerWorld): void {
  for (let seat = 0; seat < seats.x.length; seat++) [seats.x[seat], seats.y[seat]] = startOf(tracks[map], seat);
}

export const racer = defineGame({
  name: "racer",
  ...{ rules, world, input, events, start, think },
  maps: ["oval", "bay"],
  modes: {
    duel: { teams: [0, 1], waitMs: 10_000, onLeave: "end", playMs: 300_000 },
    grid: { teams: [0, 1, 2, 3, 4, 5], waitMs: 10_000, onLeave: "bot", playMs: 300_000 },
  },
  step(world, inputs) {
    const { globals, seats } = world;
    if (globals.startTick === 0) {
      globals.startTick = globals.tick;
      seats.lapTick.fill(globals.tick);
    }
    const isRacing = (seat: number): boolean => !hasFinished(world, seat);
    for (let seat = 0; seat < inputs.length; seat++) {
      if (!isRacing(seat)) continue;
      drive(world, seat, inputs[seat]);
      passCheckpoint(world, seat);
    }
    let racing = 0;
    for (let seat = 0; seat < inputs.length; seat++) {
      if (!isRacing(seat)) continue;
      racing++;
      giveWay(world, seat, (other) => isRacing(other) && isAhead(world, other, seat));
    }
    if (racing === 0) endMatch(globals, BY_SCORE);
  },
  places: placesNow,
});
