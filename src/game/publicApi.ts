/** What the package `hypogeum` exports: what a studio needs to write a game for `GAMES`. */
export {
  type BackendOptions,
  defineBackend,
  type EndedMatchReport,
  type EndedSeat,
  type EndedTools,
  type GameBackend,
  type MatchPlayerValues,
  type OnEnded,
} from "./Backend.ts";
export {
  type EventReader,
  type GameEvent,
  int,
  name,
  optionalSeat,
  type Packing,
  type Shedding,
  seat,
  seats,
} from "./events.ts";
export { Facts } from "./Facts.ts";
export { BOT, Frames, type Holder, type InputField, NOBODY, PERSON } from "./Frames.ts";
export {
  defineGame,
  type EndReason,
  type Game,
  type GameMode,
  type GameRules,
  type MatchPhase,
  type MatchResult,
  type MatchSetup,
  type MatchStateShape,
  type MatchStatus,
  type PlayerStateShape,
  RATED_MIN_MS,
  type Standing,
  type WaitingPlayer,
} from "./Game.ts";
export { type GamePlayer, type GameRoute, gameRoute, type RouteContext, RouteRefusal } from "./GameRoute.ts";
export {
  type JsonValue,
  type PlayerValue,
  PlayerValueError,
  type PlayerValueFault,
  type PlayerValues,
  VALUE_BYTES_MAX,
  VALUE_KEY,
  VALUE_KEYS_MAX,
} from "./PlayerValues.ts";
