import { dataDirOption, defineUsage, readArguments, usageError } from "../../../platform/commandLine/CommandUsage.ts";
import type { Retention } from "./Retention.ts";

interface RetentionDeps {
  /** RETENTION_DAYS or its default; null if everything is kept. */
  readonly retentionDays: number | null;
  openRetentions(): Promise<readonly Retention[]>;
}

export const retentionUsage = defineUsage({
  command: "npm run retention",
  synopsis: "[--force] [--data-dir DIR]",
  about: "Prints which warehouse facts and lake files the next deletion by RETENTION_DAYS will delete.",
  options: { force: { about: "immediately deletes everything that is too old" }, ...dataDirOption },
  settings: [
    "RETENTION_DAYS",
    "DATA_DIR",
    "DATABASE_URL",
    "WAREHOUSE_URL",
    "REDIS_URL",
    "S3_*",
    "KAFKA_*",
    "NAMESPACE",
    "GAMES",
  ],
  exitCodes: { 0: "done", 1: "a store failed", 2: "wrong arguments or settings" },
  example: "--force",
});

/**
 * `npm run retention [-- --force]`: prints what the next run deletes, or deletes everything that is too old. Resolves to 0 when
 * done. Throws `UsageError` for wrong arguments. Rejects if a store fails.
 */
export async function retentionCommand(
  args: readonly string[],
  { retentionDays, openRetentions }: RetentionDeps,
  { out }: { readonly out: (text: string) => void },
): Promise<number> {
  const { values, positionals } = readArguments(retentionUsage, args);
  if (positionals.length > 0) throw usageError(retentionUsage, `unexpected argument ${JSON.stringify(positionals[0])}`);
  if (retentionDays === null) {
    out("RETENTION_DAYS is not set: everything is kept\n");
    return 0;
  }
  for (const retention of await openRetentions())
    out(`${await (values.force ? retention.force() : retention.preview())}\n`);
  return 0;
}
