import { readLostPlayers } from "../../players/database/lostPlayers.ts";
import type { CommandPorts } from "./commandPorts.ts";

/**
 * `npm run players:lost`: lists the players that match results refer to, and the database does not have. Resolves to the exit
 * code: 0 if there are none, 1 if there are some, 2 for invalid arguments. Rejects if the database fails.
 */
export async function lostPlayersCommand(
  args: readonly string[],
  { operational }: Pick<CommandPorts, "operational">,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  if (args.length > 0) {
    err("usage: npm run players:lost\n");
    return 2;
  }
  const lost = await readLostPlayers(await operational());
  for (const { id, matches, lastSeen } of lost)
    out(`${id}  ${matches} ${matches === 1 ? "match" : "matches"}, last seen ${lastSeen.toISOString()}\n`);
  out(
    lost.length === 0
      ? "every player of a match is in the database\n"
      : `${lost.length} players of matches are not in the database: accounts among them must be made again, guests return when they next sign in; see docs/restore.md\n`,
  );
  return lost.length === 0 ? 0 : 1;
}
