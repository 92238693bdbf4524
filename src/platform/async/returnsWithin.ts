import { url } from "node:inspector";
import { type Context, createContext, Script } from "node:vm";

/** Code did not return in time, and was ended. Its `finally` blocks did not run. */
export class DidNotReturn extends Error {
  override readonly name = "DidNotReturn";

  constructor(ms: number) {
    super(`did not return within ${ms / 1000} s`);
  }
}

const script = new Script("act()");
let context: Context | null = null;

/**
 * Calls `act`, and ends it with `DidNotReturn` if it still runs after `ms`. While the process is debugged, there is no limit. A call
 * costs a thread, so it is not for code that runs in each tick of a match.
 */
export function returnsWithin<T>(ms: number, act: () => T): T {
  if (url() !== undefined) return act();
  context ??= createContext();
  context.act = act;
  try {
    return script.runInContext(context, { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new DidNotReturn(ms);
    throw error;
  }
}
