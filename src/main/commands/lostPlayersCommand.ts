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
  about:
    "After the database was restored, lists the players whom match results refer to, but whom the database does not contain.",
  options: dataDirOption,
  settings: ["DATABASE_URL", "DATA_DIR", "NAMESPACE"],
  exitCodes: {
    0: "no player is missing",
    1: "players are missing, or the database failed",
    2: "wrong arguments or settings",
  },
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
      ? "all players of matches are in the database\n"
      : `${lost.length} players of matches are not in the database: players with accounts must register again; guests return when they next sign in; see docs/restore.md\n`,
  );
  return lost.length === 0 ? 0 : 1;
}
