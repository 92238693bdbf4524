import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
} from "../../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../../platform/commandLine/Terminal.ts";
import type { Retention } from "./Retention.ts";

export const retentionUsage = defineUsage({
  command: "npm run retention",
  synopsis: "[--force] [--data-dir DIR]",
  about:
    "Prints what the next deletion of old data will delete: warehouse facts and lake files (RETENTION_DAYS), events of matches\n" +
    "in the operational database (MATCH_RETENTION_DAYS), and guests (GUEST_RETENTION_DAYS).",
  options: { force: { about: "immediately deletes everything that is too old" }, ...dataDirOption },
  settings: [
    ...["RETENTION_DAYS", "MATCH_RETENTION_DAYS", "GUEST_RETENTION_DAYS"],
    ...["DATA_DIR", "DATABASE_URL", "WAREHOUSE_URL", "REDIS_URL", "S3_*", "KAFKA_*", "NAMESPACE", "GAMES"],
  ],
  exitCodes: { 0: "done", 1: "a store failed", 2: "wrong arguments or settings" },
  example: "--force",
});

/**
 * `npm run retention [-- --force]`: prints what the next run deletes, or deletes everything that is too old. Resolves to 0 when
 * done. Throws `UsageError` for wrong arguments. Rejects if a store fails.
 *
 * @param openRetentions resolves to the retentions that are configured.
 */
export async function retentionCommand(
  args: readonly string[],
  openRetentions: () => Promise<readonly Retention[]>,
  { out }: Pick<Terminal, "out">,
): Promise<number> {
  const { values, positionals } = readArguments(retentionUsage, args);
  refusePositionals(retentionUsage, positionals);
  const retentions = await openRetentions();
  if (retentions.length === 0)
    out("RETENTION_DAYS, MATCH_RETENTION_DAYS and GUEST_RETENTION_DAYS are not set: everything is kept\n");
  for (const retention of retentions) out(`${await (values.force ? retention.force() : retention.preview())}\n`);
  return 0;
}
