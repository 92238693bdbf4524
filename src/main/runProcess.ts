/** Owns one process of the program from its start to its exit: its log, what is said of a start that fails, its end on an error. */
import type { Logger } from "pino";
import type { Config } from "../platform/config/readConfig.ts";
import { openLogger } from "../platform/logging/openLogger.ts";
import { startServer } from "./game/startServer.ts";
import { startWorker } from "./pipeline/startWorker.ts";

interface RunningProcess {
  /** For people: an address to open in a browser on this machine. */
  readonly address: string;
  readonly log: Logger;
  /** Stops in order, then exits. */
  end(exitCode: number): Promise<void>;
}

/** Resolves once the process serves; exits with 1 and one line where it cannot. */
export async function runProcess(config: Config): Promise<RunningProcess> {
  const log = openLogger(config.logLevel, config.processName);
  const servesPlayers = config.roles.includes("game") || config.roles.includes("api");
  const running = await (servesPlayers ? startServer : startWorker)(config, log).catch((error) => {
    console.error(startProblem(error, config));
    log.debug({ err: error }, "the start failed");
    process.exit(1);
  });
  const end = async (exitCode: number): Promise<void> => {
    await running.stop();
    process.exit(exitCode);
  };
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (err) => {
      // Matches go on without Redis.
      if (isRedisAway(err)) return log.warn({ err }, "nobody handled that Redis was away; going on");
      log.fatal({ err }, "an error that nothing handled; stopping");
      void end(1);
    });
  }
  return { address: running.address, log, end };
}

function startProblem(error: NodeJS.ErrnoException, { port, host }: Config): string {
  const listening = error.syscall === "listen" || error.syscall === "bind";
  if (listening && error.code === "EADDRINUSE") return `PORT: ${port} is taken on ${host}; choose another with --port`;
  if (listening && error.code === "EACCES")
    return `PORT: ${port} may not be used by this user; choose another with --port`;
  return error.message;
}

/** A last resort: whatever is told to Redis handles this itself, tests hold, and each request for it and `/readyz` say so. */
function isRedisAway(error: unknown): boolean {
  const { name, message } = error as Error;
  return name === "MaxRetriesPerRequestError" || message === "Connection is closed.";
}
