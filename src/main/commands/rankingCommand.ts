import { onStopRequests } from "../../platform/async/StopRequests.ts";
import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { rebuildRankings } from "../../players/rankings/rebuildRankings.ts";
import type { CommandPorts } from "./commandPorts.ts";
import { refuseMismatch } from "./refuseMismatch.ts";

export const rankingUsage = defineUsage({
  command: "npm run ranking:rebuild",
  synopsis: "[--data-dir DIR]",
  about: "Rebuilds the ranking index in Redis from SQL. The old index answers requests until the new one is complete.",
  options: dataDirOption,
  settings: ["REDIS_URL", "DATABASE_URL", "DATA_DIR", "RANK_ANONYMOUS", "NAMESPACE", "KAFKA_*"],
  exitCodes: { 0: "rebuilt", 1: "a service failed", 2: "wrong arguments or settings" },
  example: "",
});

/** Resolves to the exit code. Throws `UsageError` for wrong arguments. */
export async function rankingCommand(args: string[], ports: CommandPorts, terminal: Terminal): Promise<number> {
  const { positionals } = readArguments(rankingUsage, args);
  refusePositionals(rankingUsage, positionals);
  const { config, operational } = ports;
  const { redisUrl, namespace } = config;
  if (redisUrl === undefined) {
    terminal.err(
      "REDIS_URL is not set: nothing to do, because without Redis each start of the server rebuilds the ranking\n",
    );
    return 2;
  }
  await refuseMismatch(ports);
  const rankAnonymous = config.rankAnonymous ?? config.databaseUrl === undefined;
  const sql = await operational();
  terminal.out(`${await rebuildRankings({ sql, redisUrl, namespace, rankAnonymous, signal: endSignal() })}\n`);
  return 0;
}

/** Aborted by the first request to stop. The second request ends the process immediately. */
function endSignal(): AbortSignal {
  const ending = new AbortController();
  onStopRequests(() => ending.abort());
  return ending.signal;
}
