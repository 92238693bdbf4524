import type { Retention } from "./Retention.ts";

/**
 * `npm run retention [-- --force]`: prints what the next run deletes, or deletes everything that is too old. Resolves to the exit
 * code: 0 when done, 2 for invalid arguments. Rejects if a store fails.
 *
 * @param openRetentions resolves to the retentions that are configured.
 */
export async function retentionCommand(
  args: readonly string[],
  openRetentions: () => Promise<readonly Retention[]>,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const isForced = args[0] === "--force";
  if (args.length > (isForced ? 1 : 0)) {
    err("usage: npm run retention [-- --force]\n");
    return 2;
  }
  const retentions = await openRetentions();
  if (retentions.length === 0)
    out("RETENTION_DAYS, MATCH_RETENTION_DAYS and GUEST_RETENTION_DAYS are not set: everything is kept\n");
  for (const retention of retentions) out(`${await (isForced ? retention.force() : retention.preview())}\n`);
  return 0;
}
