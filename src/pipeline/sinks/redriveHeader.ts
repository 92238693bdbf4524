/**
 * Owns the marks on a message that was sent again from `logs_rejected`. It is meant for the one sink that had rejected it: the
 * others have taken it already, or have rejected it themselves and get it sent on their own account.
 */
import type { LogMessage } from "../log/Log.ts";

/** Names the sink that a redriven message is for. */
export const REDRIVE_HEADER = "redrive";

export function isMeantFor(sink: string, { headers }: Pick<LogMessage, "headers">): boolean {
  const addressee = headers[REDRIVE_HEADER];
  return addressee === undefined || addressee === sink;
}
