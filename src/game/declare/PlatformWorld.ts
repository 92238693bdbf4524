/** What the platform uses of the world of a declared game. */
import type { Clock } from "../kit/clock.ts";
import type { WorldShape } from "../world/declaration.ts";
import type { TimedMode } from "./GameDeclaration.ts";

export interface PlatformWorld extends WorldShape<{ readonly modes: Readonly<Record<string, TimedMode>> }> {
  readonly globals: Clock & { readonly generator: Int32Array; botKey: number };
  readonly seats: Readonly<Record<string, { [seat: number]: number; readonly length: number }>>;
}
