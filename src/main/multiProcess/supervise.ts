/**
 * `npm start -- --processes N`: N game processes, and one for relay and sinks. Restarts a process that exits. Stops the game
 * processes first, then the other one.
 */
import type { Logger } from "pino";
import type { Config } from "../../platform/config/readConfig.ts";
import { RepeatedTexts } from "../../platform/logging/RepeatedTexts.ts";
import { loadOrCreateSecret } from "../../players/auth/loadOrCreateSecret.ts";
import { isEveryAddress } from "./browserHost.ts";
import { choosePorts, planProcesses } from "./processPlan.ts";
import { STOP_WITHIN_MS, SupervisedProcess } from "./SupervisedProcess.ts";

export interface Supervised {
  /**
   * Resolves once all processes are ready, with an address that a browser on this machine can open. If a process cannot start, the
   * reason is printed. Then the others are stopped, and this rejects. It rejects too if `stop` is called before.
   */
  readonly ready: Promise<string>;
  /** Stops every process gracefully; resolves with the exit code. Bounded in time. */
  stop(): Promise<number>;
  /** Kills every process. */
  kill(): void;
}

/** Starts all processes. */
export async function supervise(config: Config, log: Logger): Promise<Supervised> {
  // Created here, so that no process reads a half-written file.
  if (config.jwtSecret === undefined) loadOrCreateSecret(config.dataDir);
  if (config.publicAddress === undefined && isEveryAddress(config.host))
    log.warn("PUBLIC_ADDRESS is not set; only clients on this machine can join rooms");
  const plan = planProcesses(config, await choosePorts(config));
  const refuse = printRefusals();
  const games = plan.games.map((planned) => new SupervisedProcess(planned, log, refuse));
  const pipeline = plan.pipeline === null ? [] : [new SupervisedProcess(plan.pipeline, log, refuse)];
  const all = [...games, ...pipeline];
  const gameStopMs = config.drainSeconds * 1000 + STOP_WITHIN_MS;
  let stopping: Promise<number> | null = null;
  /** In the direction of the data, so that the last records of the rooms are still sent. */
  const stop = async (): Promise<number> => {
    const codes = await Promise.all(games.map((game) => game.stop(gameStopMs)));
    codes.push(...(await Promise.all(pipeline.map((one) => one.stop(STOP_WITHIN_MS)))));
    return codes.every((code) => code === 0) ? 0 : 1;
  };
  const kill = () => {
    for (const one of all) one.kill();
  };
  const stopOnce = () => (stopping ??= stop());
  const ready = Promise.all(all.map((one) => one.ready)).then(
    ([address]) => address,
    async (error) => {
      await stopOnce();
      throw error;
    },
  );
  return { ready, kill, stop: stopOnce };
}

/** Returns a function that prints why a process cannot start. Processes that have the same reason need it only once. */
function printRefusals(): (line: string) => void {
  const lines = new RepeatedTexts();
  return (line) => {
    if (lines.take(line) !== null) console.error(line);
  };
}
