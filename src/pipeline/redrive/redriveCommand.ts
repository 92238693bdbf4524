import type { Sql } from "../../platform/sql/Sql.ts";
import type { EventLog } from "../log/EventLog.ts";
import { type RejectReason, rejectReasons } from "../sinks/decodeMessage.ts";
import { redrive } from "./redrive.ts";

const USAGE = `usage: npm run redrive -- --reason REASON, with REASON one of: ${rejectReasons.join(", ")}`;

/** `npm run redrive`. Resolves to the exit code: 0 after sending, 2 for invalid arguments. Rejects if log or database fail. */
export async function redriveCommand(
  args: readonly string[],
  { log, sql }: { readonly log: EventLog; readonly sql: Sql },
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const [flag, reason, ...rest] = args;
  if (flag !== "--reason" || !isReason(reason) || rest.length > 0) {
    err(`${USAGE}\n`);
    return 2;
  }
  const { sent, unroutable } = await redrive(log, sql, reason);
  out(`${sent} messages with reason ${reason} were sent again\n`);
  if (unroutable > 0) out(`${unroutable} messages do not name their origin and stay in logs_rejected\n`);
  return 0;
}

function isReason(text: string | undefined): text is RejectReason {
  return (rejectReasons as readonly (string | undefined)[]).includes(text);
}
