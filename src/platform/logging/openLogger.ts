/** Owns how the program's own log begins: every thread of a process names it alike. */
import pino, { type Logger } from "pino";

/** @param processName PROCESS_NAME; undefined where a process is alone. */
export function openLogger(level: string, processName: string | undefined): Logger {
  return pino({ level, base: processName === undefined ? null : { process: processName } });
}
