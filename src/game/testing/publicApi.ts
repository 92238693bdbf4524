/** What the package exports as `hypogeum/testing`: tests of games, with any test runner. */

export type { MatchResult, MatchSetup, MatchStatus } from "../Game.ts";
export type { ClientResult } from "./ClientOver.ts";
export { type PlayedOver, type PlayOverOptions, playOver } from "./playOver.ts";
export { type PlayRandomlyOptions, playRandomly } from "./playRandomly.ts";
export type { TestFact } from "./readFacts.ts";
export type { GiveFrame, HolderName, PlayLength, SeatChange, TestedMatch } from "./TestedMatch.ts";
export { type TestMatchOptions, testMatch } from "./testMatch.ts";
export type { FrameFields } from "./writeFrame.ts";
