/** Matches a line of a stack trace: the function and path, then the file's name with the line. Files of Node itself have no path. */
const CALL = /^ +at (.*?([^/\\\s(]+:\d+)):\d+\)?$/;

/**
 * Where an error was created, as in `game.ts:12`: the first call in its stack trace that is not `skipped`; null if there is none.
 */
export function placeInStack(error: unknown, skipped = /^$/): string | null {
  if (!(error instanceof Error) || typeof error.stack !== "string") return null;
  for (const line of error.stack.split("\n")) {
    const [, call, place] = CALL.exec(line) ?? [];
    if (call !== undefined && !/\bnode:|<anonymous>|\/node_modules\//.test(call) && !skipped.test(call)) return place;
  }
  return null;
}
