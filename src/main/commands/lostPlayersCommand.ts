import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { readLostPlayers } from "../../players/database/lostPlayers.ts";
import type { CommandPorts } from "./commandPorts.ts";

export const lostPlayersUsage = defineUsage({
  command: "npm run players:lost",
  synopsis: "[--data-dir DIR]",
  about: "Lists the players that match results refer to and the database does not have, after it was restored.",
  options: dataDirOption,
  settings: ["DATABASE_URL", "DATA_DIR", "NAMESPACE"],
  exitCodes: { 0: "there are none", 1: "there are some, or the database failed", 2: "wrong arguments or settings" },
  example: "",
});

/** Resolves to the exit code. Throws `UsageError` for wrong arguments. Rejects if the database fails. */
export async function lostPlayersCommand(
  args: readonly string[],
  { operational }: Pick<CommandPorts, "operational">,
  { out }: Pick<Terminal, "out">,
): Promise<number> {
  const { positionals } = readArguments(lostPlayersUsage, args);
  refusePositionals(lostPlayersUsage, positionals);
  const lost = await readLostPlayers(await operational());
  for (const { id, matches, lastSeen } of lost)
    out(`${id}  ${matches} ${matches === 1 ? "match" : "matches"}, last seen ${lastSeen.toISOString()}\n`);
  out(
    lost.length === 0
      ? "every player of a match is in the database\n"
      : `${lost.length} players of matches are not in the database: accounts among them must be created again, guests return when they next sign in; see docs/restore.md\n`,
  );
  return lost.length === 0 ? 0 : 1;
}
