/**
 * Writes the framework's log lines to this program's log. The framework passes the reason of a failure as a further argument, which
 * pino would drop. It also logs some lines again with every attempt to reach Redis.
 */
import { format } from "node:util";
import type { Logger } from "pino";

const REPEAT_AFTER_MS = 60_000;
const TEXTS_MAX = 1_000;

type Level = "trace" | "debug" | "info" | "warn" | "error";
type FrameworkLogger = Record<Level, (...args: unknown[]) => void>;

/** Logs the same text at most once a minute, with the number of lines that were left out (`omitted`). `now`: any clock, in ms. */
export function frameworkLogger(log: Pick<Logger, Level>, now = () => performance.now()): FrameworkLogger {
  const logged = new Map<string, { at: number; omitted: number }>();
  const write = (level: Level, args: readonly unknown[]): void => {
    const text = format(...args.map((arg) => (arg instanceof Error ? (arg.stack ?? arg.message) : arg)));
    const before = logged.get(text);
    if (before !== undefined && now() - before.at < REPEAT_AFTER_MS) {
      before.omitted++;
      return;
    }
    if (logged.size >= TEXTS_MAX) logged.clear();
    logged.set(text, { at: now(), omitted: 0 });
    if (before === undefined || before.omitted === 0) log[level](text);
    else log[level]({ omitted: before.omitted }, text);
  };
  return {
    trace: (...args) => write("trace", args),
    debug: (...args) => write("debug", args),
    info: (...args) => write("info", args),
    warn: (...args) => write("warn", args),
    error: (...args) => write("error", args),
  };
}
