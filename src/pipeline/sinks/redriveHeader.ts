import type { LogMessage } from "../log/Log.ts";

/**
 * Names the one sink that a message sent again from `logs_rejected` is for: the sink that rejected it. The others have stored it
 * already, or have rejected it too and get a message of their own.
 */
export const REDRIVE_HEADER = "redrive";

export function isMeantFor(sink: string, { headers }: Pick<LogMessage, "headers">): boolean {
  const addressee = headers[REDRIVE_HEADER];
  return addressee === undefined || addressee === sink;
}
