import type { Retention } from "./Retention.ts";

interface RetentionDeps {
  /** RETENTION_DAYS or its default; null if everything is kept. */
  readonly retentionDays: number | null;
  openRetentions(): Promise<readonly Retention[]>;
}

/**
 * `npm run retention [-- --force]`: prints what the next run deletes, or deletes everything that is too old. Resolves to the exit
 * code: 0 when done, 2 for invalid arguments. Rejects if a store fails.
 */
export async function retentionCommand(
  args: readonly string[],
  { retentionDays, openRetentions }: RetentionDeps,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const isForced = args[0] === "--force";
  if (args.length > (isForced ? 1 : 0)) {
    err("usage: npm run retention [-- --force]\n");
    return 2;
  }
  if (retentionDays === null) {
    out("RETENTION_DAYS is not set: everything is kept\n");
    return 0;
  }
  for (const retention of await openRetentions())
    out(`${await (isForced ? retention.force() : retention.preview())}\n`);
  return 0;
}
