/** `npm run dev -- GAME.ts`: runs a game while it is being written. */
import { existsSync } from "node:fs";
import path from "node:path";
import { onStopRequests } from "../../platform/async/StopRequests.ts";
import { defineUsage, readArguments, refusePositionals, usageError } from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { DevServer } from "../dev/DevServer.ts";
import { watchSources } from "../dev/watchSources.ts";

export const devUsage = defineUsage({
  command: "npm run dev",
  synopsis: "GAME.ts [--port N] [--data-dir DIR]",
  about:
    "Starts a server with the games that the module exports as games, as GAMES does, and starts it again after each change of a\n" +
    "source file beside the module or below. A game with a mistake is reported, and the server continues with the one before.\n" +
    "Each step is computed twice and compared, and values that do not fit their field in the synced state are reported.",
  options: {
    port: { value: "N", about: "port of the server (PORT)" },
    "data-dir": { value: "DIR", about: "directory of the server's data (DATA_DIR)" },
  },
  settings: "those of npm start",
  exitCodes: { 0: "stopped by a signal", 2: "wrong arguments" },
  example: "game.ts --port 2567",
});

/** Resolves to the exit code after SIGINT or SIGTERM. Throws `UsageError` for wrong arguments. */
export async function devCommand(args: string[], { err }: Terminal): Promise<number> {
  const { values, positionals } = readArguments(devUsage, args);
  const [file, ...rest] = positionals;
  if (file === undefined) throw usageError(devUsage, "GAME.ts is missing");
  refusePositionals(devUsage, rest);
  if (!existsSync(file)) throw usageError(devUsage, `there is no file ${file}`);
  const flags = (["port", "data-dir"] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const server = new DevServer(path.resolve(file), flags, err);
  const stopped = new Promise<void>((resolve) => onStopRequests(() => resolve()));
  const stopWatching = watchSources(path.dirname(path.resolve(file)), () => void server.restart());
  void server.restart();
  await stopped;
  stopWatching();
  await server.stop();
  return 0;
}
