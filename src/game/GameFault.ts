/** A mistake of a game. One in its declaration ends the start; one in a running match ends that match only. */
export class GameFault extends Error {
  override readonly name = "GameFault";
  readonly game: string;
  /** Such as `modes.duel.waitMs`, `step at tick 12` or `emit.flag, field x`. */
  readonly place: string;
  readonly remedy: string;

  /** The message is one line. `cause` is what the game threw, if it threw. */
  constructor(game: string, place: string, { what, remedy }: Problem, cause?: unknown) {
    super(`${game}, ${place}: ${what}; ${remedy}`, cause === undefined ? undefined : { cause });
    this.game = game;
    this.place = place;
    this.remedy = remedy;
  }
}

/** What is wrong, with what was expected; and what to do about it. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

const SHOWN_LENGTH = 120;

/** Describes a value of any kind in a few words on one line. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isPromise(value)) return "a promise";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) {
    const text = typeof value === "string" ? JSON.stringify(value) : String(value);
    return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  }
  return Array.isArray(value) ? `an array of length ${value.length}` : "an object";
}

export function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Describes what was thrown in one line. */
export function describeThrown(thrown: unknown): string {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : describeValue(thrown);
  const [line] = text.split("\n");
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}
