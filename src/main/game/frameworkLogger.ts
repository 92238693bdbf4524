/**
 * Writes the framework's log lines to this program's log. The framework passes the reason of a failure as a further argument, which
 * pino would drop. It also logs some lines again with every attempt to reach Redis.
 */
import { format } from "node:util";
import type { Logger } from "pino";
import { RepeatedTexts } from "../../platform/logging/RepeatedTexts.ts";

type Level = "trace" | "debug" | "info" | "warn" | "error";
type FrameworkLogger = Record<Level, (...args: unknown[]) => void>;

/** Logs the same text at most once a minute, with the number of lines that were left out (`omitted`). `now`: any clock, in ms. */
export function frameworkLogger(log: Pick<Logger, Level>, now?: () => number): FrameworkLogger {
  const texts = new RepeatedTexts(now);
  const write = (level: Level, args: readonly unknown[]): void => {
    const text = format(...args.map((arg) => (arg instanceof Error ? (arg.stack ?? arg.message) : arg)));
    const omitted = texts.take(text);
    if (omitted === 0) log[level](text);
    else if (omitted !== null) log[level]({ omitted }, text);
  };
  return {
    trace: (...args) => write("trace", args),
    debug: (...args) => write("debug", args),
    info: (...args) => write("info", args),
    warn: (...args) => write("warn", args),
    error: (...args) => write("error", args),
  };
}
