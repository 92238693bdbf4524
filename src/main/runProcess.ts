/**
 * Runs one process from its start to its exit: its log, the message of a failed start, and the reaction to unhandled errors.
 */
import type { Logger } from "pino";
import type { Config } from "../platform/config/readConfig.ts";
import { openLogger } from "../platform/logging/openLogger.ts";
import { startServer } from "./game/startServer.ts";
import { untilReady } from "./health/untilReady.ts";
import { letHeapsGrow } from "./letHeapsGrow.ts";
import { startWorker } from "./pipeline/startWorker.ts";
import { sentWithoutTls } from "./sentWithoutTls.ts";
import { startProblem } from "./startProblem.ts";
import { Watchdog } from "./watchdog/Watchdog.ts";

interface RunningProcess {
  /** An address that a browser on this machine can open. */
  readonly address: string;
  readonly log: Logger;
  /** Stops gracefully, then exits. */
  end(exitCode: number): Promise<void>;
}

/**
 * Resolves once `/readyz` answers 200. Until then, logs what the process waits for. If the process cannot start, prints one line
 * and exits with code 1; `refuse` may do both in another way. If `stopping` is aborted before it is ready, stops gracefully and exits with code 0.
 */
export async function runProcess(
  config: Config,
  stopping: AbortSignal,
  refuse: (line: string) => void = printRefusal,
): Promise<RunningProcess> {
  const log = openLogger(config.logLevel, config.processName);
  for (const line of sentWithoutTls(config)) log.warn(line);
  if (config.roles.includes("relay") || config.roles.includes("sinks")) letHeapsGrow();
  const servesPlayers = config.roles.includes("game") || config.roles.includes("api");
  const { dataDir, logLevel, processName } = config;
  const overrides = config.roles.includes("game")
    ? { watch: new Watchdog({ dataDir, logLevel, processName, log }) }
    : {};
  const starting = servesPlayers ? startServer(config, log, overrides, stopping) : startWorker(config, log);
  const running = await starting.catch((error) => {
    if (stopping.aborted) process.exit(0);
    log.debug({ err: error }, "start failed");
    refuse(startProblem(error, config));
    return new Promise<never>(() => {});
  });
  const end = async (exitCode: number): Promise<void> => {
    await running.stop();
    process.exit(exitCode);
  };
  void running.drainAsked.then(() => {
    log.info("stopping, because an operator asked for it");
    void end(0);
  });
  void running.mustStop.then((line) => {
    log.fatal(`${line}. Stopping`);
    void end(1);
  });
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (err) => {
      // Matches continue without Redis.
      if (isRedisError(err)) return log.warn({ err }, "unhandled error in a Redis request; continuing");
      log.fatal({ err }, "unhandled error; stopping");
      void end(1);
    });
  }
  await untilReady({ readiness: running.readiness, log, signal: stopping });
  if (stopping.aborted) await end(0);
  return { address: running.address, log, end };
}

function printRefusal(line: string): never {
  console.error(line);
  process.exit(1);
}

/**
 * A last resort. Every request to Redis handles its own failure, as tests verify, and callers and `/readyz` report the failure.
 */
function isRedisError(error: unknown): boolean {
  const { name, message } = error as Error;
  return name === "MaxRetriesPerRequestError" || message === "Connection is closed.";
}
