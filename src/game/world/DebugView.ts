/** A world as a plain object. Fixed-point numbers are divided by their scale. */
export interface DebugView {
  readonly mode: string;
  readonly map: string;
  readonly tickRate: number;
  readonly globals: Readonly<Record<string, number | readonly number[]>>;
  /** One row per seat, with its fields. */
  readonly seats: readonly (Readonly<Record<string, number>> & { readonly seat: number; readonly team: number })[];
  readonly lists: Readonly<Record<string, readonly number[]>>;
  /** The living entries of each pool, with their slot `at` and their `serial`. */
  readonly pools: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;
}
