/** `npm start -- --processes N`: one game process a core and one for relay and sinks, kept alive and stopped together. */
import type { Logger } from "pino";
import type { Config } from "../../platform/config/readConfig.ts";
import { loadOrCreateSecret } from "../../players/auth/loadOrCreateSecret.ts";
import { choosePorts, planProcesses } from "./processPlan.ts";
import { END_WITHIN_MS, SupervisedProcess } from "./SupervisedProcess.ts";

export interface Supervised {
  /** For people: an address to open in a browser on this machine. */
  readonly address: string;
  /** Lets every process end in order; resolves with the exit code. Bounded in time. */
  stop(): Promise<number>;
  /** Ends every process at once. */
  kill(): void;
}

/** Resolves once all processes serve. Where one cannot start, all others end and this rejects; that one said why. */
export async function supervise(config: Config, log: Logger): Promise<Supervised> {
  // Made here, so that no process reads it half written.
  if (config.jwtSecret === undefined) loadOrCreateSecret(config.dataDir);
  if (config.publicAddress === undefined && (config.host === "0.0.0.0" || config.host === "::"))
    log.warn("PUBLIC_ADDRESS is not set: clients on other machines can reach only rooms of the first process");
  const plan = planProcesses(config, await choosePorts(config));
  const games = plan.games.map((planned) => new SupervisedProcess(planned, log));
  const pipeline = plan.pipeline === null ? [] : [new SupervisedProcess(plan.pipeline, log)];
  const all = [...games, ...pipeline];
  const gameStopMs = config.drainSeconds * 1000 + END_WITHIN_MS;
  let stopping: Promise<number> | null = null;
  /** In the order of the data: what rooms wrote last is sent. */
  const stop = async (): Promise<number> => {
    const codes = await Promise.all(games.map((game) => game.stop(gameStopMs)));
    codes.push(...(await Promise.all(pipeline.map((one) => one.stop(END_WITHIN_MS)))));
    return codes.every((code) => code === 0) ? 0 : 1;
  };
  const kill = () => {
    for (const one of all) one.kill();
  };
  try {
    const [address] = await Promise.all(all.map(({ ready }) => ready));
    return { address, kill, stop: () => (stopping ??= stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}
