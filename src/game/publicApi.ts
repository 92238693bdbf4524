/** What the package `hypogeum` exports: what a studio needs to write a game for `GAMES`. */

/** The types of synced fields, for `stateClasses`. */
export { t } from "@colyseus/schema";
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
  type ClientFields,
  COMMANDS_PER_SECOND,
  type CommandOf,
  type GameCommand,
  type GameCommands,
  type ValuesOf,
} from "./commands.ts";
export type { DeclaredGame, GameWorldOf, OwnWorldGame, TimedMode } from "./declare/GameDeclaration.ts";
export { axis, button, type InputDeclaration, type InputRange, range, type SeatInput } from "./declare/input.ts";
export { stateClasses } from "./declare/state.ts";
export { defineGame } from "./defineGame.ts";
export type { Emit, FactOf } from "./emit.ts";
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
  type ToPlayers,
} from "./events.ts";
export { BOT, Frames, type Holder, type InputField, NOBODY, PERSON } from "./Frames.ts";
export {
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
export { circleHit, pushOut } from "./kit/circles.ts";
export {
  advancePhase,
  BY_ABANDON,
  BY_ELIMINATION,
  BY_OWN,
  BY_SCORE,
  BY_TIME,
  type Clock,
  COUNTDOWN,
  clockFields,
  ENDED,
  endMatch,
  isTimeUp,
  PLAYING,
  ticksIn,
  WAITING,
  writeStatus,
} from "./kit/clock.ts";
export { type Body, FULL_DEFLECTION, moveBody, type Obstacles, strideOf } from "./kit/movement.ts";
export { NeighbourGrid } from "./kit/NeighbourGrid.ts";
export { generator, noise, roll, seedGenerator, seedWords, shuffle } from "./kit/random.ts";
export { firstRectangleHit, SEGMENT_END, slideAxis } from "./kit/rectangles.ts";
export { seesRectangle } from "./kit/sight.ts";
export { indexInTeam, safestPoint } from "./kit/spawning.ts";
export { placesByScore, placesOf } from "./kit/standings.ts";
export { aimAlong, cosine, ONE, sine, squareRoot } from "./kit/trig.ts";
export { WallGrid } from "./kit/WallGrid.ts";
export type { BotView, LoadBots, Position } from "./LoadBots.ts";
export {
  type GameMessage,
  type GameMessages,
  type MessageFields,
  type Moderate,
  type ModerateTools,
  type PlayerMessage,
  text,
  type Verdict,
} from "./messages.ts";
export { noFacts } from "./noFacts.ts";
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
export { checkWrites } from "./world/checkedWrites.ts";
export type { DebugView } from "./world/DebugView.ts";
export type { DeclaredWorld } from "./world/DeclaredWorld.ts";
export {
  type ListField,
  list,
  type PoolField,
  pool,
  type WorldDeclaration,
  type WorldShape,
} from "./world/declaration.ts";
export { defineWorld, type WorldOf, type WorldType } from "./world/defineWorld.ts";
export { hexDigest } from "./world/digest.ts";
export { fixed, i8, i16, i32, type NumberType, u8, u16, u32 } from "./world/numbers.ts";
export type { Pool } from "./world/Pool.ts";
