import pino, { type Logger } from "pino";

/**
 * Opens the log of a thread.
 * @param processName PROCESS_NAME, which is added to every log line; undefined for a single process.
 */
export function openLogger(level: string, processName: string | undefined): Logger {
  return pino({ level, base: processName === undefined ? null : { process: processName } });
}
