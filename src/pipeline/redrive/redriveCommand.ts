import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
  usageError,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import type { EventLog } from "../log/EventLog.ts";
import { type RejectReason, rejectReasons } from "../sinks/decodeMessage.ts";
import { redrive } from "./redrive.ts";

export const redriveUsage = defineUsage({
  command: "npm run redrive",
  synopsis: "--reason REASON [--data-dir DIR]",
  about: "Sends again the messages that a sink rejected for one reason.",
  options: {
    reason: { value: "REASON", about: `required; one of ${rejectReasons.join(", ")}` },
    ...dataDirOption,
  },
  settings: ["KAFKA_*", "DATABASE_URL", "DATA_DIR", "REDIS_URL", "NAMESPACE"],
  exitCodes: { 0: "sent", 1: "Kafka or the database failed", 2: "wrong arguments or settings" },
  example: "--reason not-json",
});

/** `npm run redrive`. Resolves to 0 after sending. Throws `UsageError` for wrong arguments. Rejects if log or database fail. */
export async function redriveCommand(
  args: readonly string[],
  { log, sql }: { readonly log: EventLog; readonly sql: Sql },
  { out }: Pick<Terminal, "out">,
): Promise<number> {
  const reason = readReason(args);
  const { sent, unroutable } = await redrive(log, sql, reason);
  out(`${sent} messages with reason ${reason} were sent again\n`);
  if (unroutable > 0) out(`${unroutable} messages do not name their origin and stay in logs_rejected\n`);
  return 0;
}

/** Throws `UsageError`. */
export function readReason(args: readonly string[]): RejectReason {
  const { values, positionals } = readArguments(redriveUsage, args);
  refusePositionals(redriveUsage, positionals);
  const { reason } = values;
  if (isReason(reason)) return reason;
  throw usageError(
    redriveUsage,
    `invalid --reason ${JSON.stringify(reason ?? "")}: expected one of ${rejectReasons.join(", ")}`,
  );
}

function isReason(text: string | undefined): text is RejectReason {
  return (rejectReasons as readonly (string | undefined)[]).includes(text);
}
