/**
 * While the traps are set, a call whose result is not a function of a world and its frames throws: the random generator of the
 * engine, its clocks, and the maths that engines compute differently. Set them only around synchronous code, because they hold
 * for the whole thread.
 */
import type { Problem } from "./GameFault.ts";
import { placeInStack } from "./placeInStack.ts";

/** A trapped call. */
export class ForbiddenCall extends Error {
  override readonly name = "ForbiddenCall";
  readonly problem: Problem;

  constructor(called: string, remedy: string) {
    super(`called ${called}`);
    const place = placeInStack(this, /\/trapNondeterminism\./);
    this.problem = {
      what: `called ${called}${place === null ? "" : ` (${place})`}, expected a function of the world and its frames only`,
      remedy,
    };
  }
}

const RANDOM = "use generator, which is part of the world";
const CLOCK = "count ticks, and convert from ms with the setup's tickRate";
const MATHS = "use sine, cosine, squareRoot or a table of whole numbers, because engines round differently";

const MATHS_FUNCTIONS = [
  ...["sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"],
  ...["exp", "expm1", "log", "log1p", "log2", "log10", "pow", "cbrt", "hypot"],
] as const;

export interface Traps {
  /** The first call that was trapped, also if the game caught the error; null if there was none. */
  readonly first: ForbiddenCall | null;
  remove(): void;
}

let latest: Traps | null = null;

/** Removes traps whose `remove` could not be called, because the code in between was ended from outside. */
export function removeTraps(): void {
  latest?.remove();
}

/**
 * Calls `act` with traps set. Throws what `faultOf` makes of the first trapped call, also if the game caught its error; `error` is what
 * `act` threw, undefined if it returned.
 */
export function withTraps<T>(act: () => T, faultOf: (call: ForbiddenCall, error: unknown) => unknown): T {
  const traps = setTraps();
  let value: T;
  try {
    value = act();
  } catch (error) {
    throw traps.first === null ? error : faultOf(traps.first, error);
  } finally {
    traps.remove();
  }
  if (traps.first !== null) throw faultOf(traps.first, undefined);
  return value;
}

/** Sets the traps until `remove`. */
export function setTraps(): Traps {
  const undo: (() => void)[] = [];
  let first: ForbiddenCall | null = null;
  const trap = (called: string, remedy: string) => (): never => {
    const call = new ForbiddenCall(called, remedy);
    first ??= call;
    throw call;
  };
  const replace = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: before?.enumerable });
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    });
  };
  replace(Math, "random", trap("Math.random", RANDOM));
  for (const name of ["randomUUID", "getRandomValues"]) replace(crypto, name, trap(`crypto.${name}`, RANDOM));
  for (const name of MATHS_FUNCTIONS) replace(Math, name, trap(`Math.${name}`, MATHS));
  replace(globalThis, "Date", trappedDate(trap));
  replace(performance, "now", trap("performance.now", CLOCK));
  latest = {
    get first() {
      return first;
    },
    remove: () => {
      for (const restore of undo.reverse()) restore();
      latest = null;
    },
  };
  return latest;
}

/** Traps only what reads the clock: `new Date(0)` and `Date.UTC` are functions of their arguments. */
function trappedDate(trap: (called: string, remedy: string) => () => never): DateConstructor {
  const now = trap("Date.now", CLOCK);
  const call = trap("Date", CLOCK);
  return new Proxy(Date, {
    apply: call,
    construct: (target, given, created) => (given.length === 0 ? call() : Reflect.construct(target, given, created)),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}
