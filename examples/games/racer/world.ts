/** What the racer declares: rules, fields of the world, input and events. Lengths are in centimetres, times in ticks. */
import {
  axis,
  button,
  type GameWorldOf,
  i32,
  int,
  range,
  type SeatInput,
  seat,
  u8,
  u16,
} from "../../../src/game/publicApi.ts";

export const rules = {
  version: "1",
  laps: 3,
  /** Per second. */
  maxSpeed: 4000,
  /** Per second, each second. `drag` slows a car down at any time. */
  acceleration: 2500,
  braking: 5000,
  drag: 500,
  /** Turn of the full steering wheel per second, in 65,536ths of a turn. */
  steering: 32_768,
  carRadius: 100,
};

export const world = {
  globals: { startTick: i32 },
  seats: {
    x: i32,
    y: i32,
    /** In 65,536ths of a turn, as in `sine`. */
    heading: u16,
    speed: i32,
    /** The number of checkpoints that the car has passed: it is the score, so that bots are rewarded for each of them. */
    score: i32,
    laps: u8,
    lapTick: i32,
    /** Ticks from the start to the finish; 0 while the car drives. */
    finishTicks: i32,
  },
};

/** `throttle` is 0 to 127, so that triggers of a gamepad can be used. */
export const input = { steer: axis, throttle: range(0, 127), brake: button };
export type Wheel = SeatInput<typeof input>;

const ticks = int(0, 0x7fff_ffff);

export const events = {
  lap: { topic: "lap", shed: "second", toClients: true, fields: { player: seat(), lap: int(1, 255), ticks } },
  finish: { topic: "finish", shed: "never", toClients: true, fields: { player: seat(), ticks } },
} as const;

export type RacerWorld = GameWorldOf<typeof world, typeof rules, typeof events>;
