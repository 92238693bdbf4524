/** The world of a match, a plain object with its own way to be saved and hashed. */
import {
  type Clock,
  type Emit,
  hexDigest,
  int,
  type MatchSetup,
  name,
  noise,
  seat,
  seedWords,
} from "../../../src/game/publicApi.ts";
import { type Board, COLUMNS, emptyBoard, ROWS } from "./board.ts";

export const rules = {
  version: "1",
  countdownMs: 2000,
  /** After this time, a move is made for the player. */
  turnMs: 15_000,
  /** How long bots think. */
  botMs: 700,
};
export type FourRules = typeof rules;

export const events = {
  drop: {
    topic: "drop",
    shed: "never",
    toClients: true,
    fields: { player: seat(), column: int(0, COLUMNS - 1), row: int(0, ROWS - 1), by: name(["player", "clock"]) },
  },
} as const;
type FourEmit = Emit<typeof events>;

/** All that changes in a match. It is saved as JSON, so it has only numbers and lists of numbers. */
export interface FourState {
  readonly clock: Clock;
  readonly board: Board;
  /** Holder of each seat in the latest step. */
  readonly holder: number[];
  /** Number of the move that is awaited, from 1. Seat 0 makes the odd ones. */
  move: number;
  /** Tick at which the awaited move is made for the player. */
  moveEnds: number;
  /** −1 while nobody has won. */
  winner: number;
  readonly tickRate: number;
  /** For the `noise` of bots. */
  readonly botKey: number;
}

export interface FourWorld extends FourState {
  readonly rules: FourRules;
  readonly emit: FourEmit;
}

export function createWorld(rules: FourRules, { tickRate, seed, roster }: MatchSetup, emit: FourEmit): FourWorld {
  return {
    ...{ rules, emit, tickRate, board: emptyBoard(), holder: roster.map(() => 0) },
    clock: { tick: 0, phase: 0, phaseEnd: 0, endReason: 0 },
    ...{ move: 1, moveEnds: 0, winner: -1, botKey: noise(seedWords(seed)[0], 0, 0, 65_536) },
  };
}

export function save({ rules: _, emit: __, ...state }: FourWorld): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state));
}

export function load(rules: FourRules, bytes: Uint8Array, emit: FourEmit): FourWorld {
  return { ...(JSON.parse(new TextDecoder().decode(bytes)) as FourState), rules, emit };
}

export function hash({ clock, board, holder, move, moveEnds, winner, tickRate, botKey }: FourWorld): string {
  const { tick, phase, phaseEnd, endReason } = clock;
  return hexDigest(
    Int32Array.of(tick, phase, phaseEnd, endReason, ...board, ...holder, move, moveEnds, winner, tickRate, botKey),
  );
}

/** The seat whose move is awaited. */
export const turnOf = ({ move }: FourWorld): number => (move - 1) & 1;
