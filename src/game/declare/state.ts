/** What clients see of a match: schema classes with the fields that the platform writes, and those of a game. */
import { type FieldBuilder, type MapSchema, type Schema, schema, t } from "@colyseus/schema";
import type { MatchStateShape, PlayerStateShape } from "../Game.ts";

type Fields = Readonly<Record<string, FieldBuilder<any, any, any>>>;
type Values<F> = { -readonly [K in keyof F]: F[K] extends FieldBuilder<infer T, any, any> ? T : never };

export type PlayerOf<F> = Schema & PlayerStateShape & { seat: number } & Values<F>;
export type StateOf<F, P> = Schema &
  MatchStateShape & { map: string; tickRate: number } & Values<F> & {
    players: MapSchema<PlayerOf<P>>;
  };

const playerFields = () => ({
  playerId: t.string().default(""),
  name: t.string().default(""),
  team: t.uint8().default(0),
  role: t.uint8().default(0),
  bot: t.boolean().default(false),
  seat: t.uint8().default(0),
});

const stateFields = () => ({
  tick: t.uint32().default(0),
  phase: t.string().default("waiting"),
  mode: t.string().default(""),
  matchId: t.string().default(""),
  rulesVersion: t.string().default(""),
  endsAtTick: t.uint32().default(0),
  map: t.string().default(""),
  tickRate: t.uint16().default(0),
});

/** Names that no field of a game may have in the state, or in a player's. */
export const STATE_NAMES: readonly string[] = [...Object.keys(stateFields()), "players"];
export const PLAYER_NAMES: readonly string[] = Object.keys(playerFields());
/** Greatest number of fields of a schema class. */
export const SCHEMA_FIELDS_MAX = 64;

/**
 * Returns `State`, `PlayerState` and `players` of a game: the fields that every game has, then these. `name` is the game's. For
 * games with their own kind of world; a declared world has its state without it.
 */
export function stateClasses<const F extends Fields = {}, const P extends Fields = {}>(
  name: string,
  fields: F = {} as F,
  ofPlayer: P = {} as P,
) {
  const PlayerState = schema({ ...playerFields(), ...ofPlayer }, `${name} player`) as unknown as typeof Schema;
  const all = { ...stateFields(), ...fields, players: t.map(PlayerState) };
  return {
    State: schema(all, `${name} state`) as unknown as new () => StateOf<F, P>,
    PlayerState: PlayerState as unknown as new () => PlayerOf<P>,
    players: (state: StateOf<F, P>) => state.players,
  };
}
