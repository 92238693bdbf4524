/** What clients of the example games send: computed from the state that they receive, as a client with the SDK does. */
import { centreOf, nextCheckpoint, tracks } from "../../../examples/games/racer/tracks.ts";
import { aimAlong } from "../../../src/game/publicApi.ts";

/** Writes the input of the player into `input`. */
type Driver = (input: any, state: any, me: any) => void;

const TURN = 65_536;
const clamp = (value: number): number => Math.max(-127, Math.min(127, Math.trunc(value)));

export const drivers: Readonly<Record<string, Driver>> = {
  flags(input, _state, me) {
    input.dx = (me.team === 0) === (me.carries === 1) ? -127 : 127;
  },
  racer(input, { map }, me) {
    const [x, y] = centreOf(nextCheckpoint(tracks[map], me.score));
    const turn = (aimAlong(x - me.x, y - me.y) - me.heading + 1.5 * TURN) % TURN;
    input.steer = clamp((turn - TURN / 2) / 32);
    input.throttle = Math.abs(turn - TURN / 2) > TURN / 8 && me.speed > 2000 ? 0 : 127;
  },
  /** Both players fill their own column, so the first one wins. */
  four(input, { turn, move }, me) {
    input.move = turn === me.seat ? move : 0;
    input.column = me.seat;
  },
};

/** Sends an input with each state that arrives. */
export function playWith(room: any, game: string): void {
  const input = room.input();
  room.onStateChange((state: any) => {
    const me = state.players.get(room.sessionId);
    if (me === undefined || state.phase === "ended") return;
    drivers[game](input.data, state, me);
    input.send();
  });
}
