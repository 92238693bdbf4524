import { type Logger, withWarnings } from "./Logger.ts";
import { RepeatedTexts } from "./RepeatedTexts.ts";

/**
 * A logger for work that is retried: a warning with the same text and the same `error` is logged at most once a minute, whatever
 * its other fields say. The rest is logged at level debug.
 * @param now any clock, in ms; for tests.
 */
export function onceAMinute(logger: Logger, now?: () => number): Logger {
  const texts = new RepeatedTexts(now);
  return withWarnings(logger, (fields, message) => {
    const omitted = texts.take(`${message} ${fields.error}`);
    if (omitted === null) return null;
    return omitted === 0 ? fields : { ...fields, omitted };
  });
}
