import pino, { type Logger } from "pino";

/**
 * The program's log, for each thread of a process.
 * @param processName PROCESS_NAME, in every log line; undefined for a single process.
 */
export function openLogger(level: string, processName: string | undefined): Logger {
  return pino({ level, base: processName === undefined ? null : { process: processName } });
}
