import type { Logger } from "./Logger.ts";
import { RepeatedTexts } from "./RepeatedTexts.ts";

/**
 * A logger for work that is retried: a warning with the same text and the same `error` is logged at most once a minute, whatever
 * its other fields say. The rest is logged at level debug.
 * @param now any clock, in ms; for tests.
 */
export function onceAMinute(logger: Logger, now?: () => number): Logger {
  const texts = new RepeatedTexts(now);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    error: (fields, message) => logger.error(fields, message),
    warn(fields, message) {
      const { error } = fields as { error?: unknown };
      const omitted = texts.take(`${message} ${error}`);
      if (omitted === null) logger.debug(fields, message);
      else logger.warn(omitted === 0 ? fields : { ...fields, omitted }, message);
    },
  };
}
