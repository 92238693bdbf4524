import type { LogMessage } from "../log/EventLog.ts";

/**
 * Header of a message that is sent again from `logs_rejected`: the name of the sink that rejected it. Only that sink handles the
 * message. Every other sink has already stored it, or has also rejected it and gets its own copy.
 */
export const REDRIVE_HEADER = "redrive";

export function isMeantFor(sink: string, { headers }: Pick<LogMessage, "headers">): boolean {
  const addressee = headers[REDRIVE_HEADER];
  return addressee === undefined || addressee === sink;
}
