/**
 * Starts the program for a benchmark. Rooms and REST API have the server's core; real services, and optionally relay and sinks,
 * run on the other core.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { untilHealthy } from "../../test/main/untilHealthy.ts";
import { startServices, uniqueNamespace } from "../../tools/services/startServices.ts";
import { createPlayers } from "./createPlayers.ts";
import { LOAD_CORE, Process, SERVER_CORE } from "./Process.ts";

export interface ProgramOptions {
  /** Number of players to create. */
  readonly players: number;
  /** Hz. */
  readonly rate: number;
  /** Whether relay and sinks run too. */
  readonly pipeline: boolean;
  /** Module of games to use instead of the arena. */
  readonly games?: string;
}

export interface BenchProgram {
  readonly url: string;
  readonly server: Process;
  /** Relay and sinks in one process; null if they do not run. */
  readonly pipelineProcess: Process | null;
  /** One for each player. */
  readonly tokens: readonly string[];
  stop(): Promise<void>;
}

const START = path.join(import.meta.dirname, "../../src/main/start.ts");

export async function startProgram({ players, rate, pipeline, games }: ProgramOptions): Promise<BenchProgram> {
  const services = await startServices(["kafka", "postgres", "redis", "s3"]);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-bench-"));
  const secret = randomBytes(32).toString("hex");
  const env = {
    ...services.env,
    NAMESPACE: `${uniqueNamespace()}-`,
    LOG_LEVEL: "error",
    JWT_SECRET: secret,
    TICK_RATE: String(rate),
    // All players come from one address.
    ADDRESS_LIMIT_FACTOR: "1000000",
    ...(games !== undefined && { GAMES: games }),
  };
  const host = ["--host", "127.0.0.1", "--data-dir", path.join(dataDir, "host")];
  const start = (core: string, roles: string): Process =>
    new Process(core, [START, "--port", "0", ...host, "--roles", roles], env);
  const server = start(SERVER_CORE, "game,api");
  const processes = [server];
  const stop = async (): Promise<void> => {
    // Killed, because draining the matches is not measured.
    await Promise.all(processes.map((each) => each.stop("SIGKILL")));
    await services.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const port = await server.waitForOutput(/Open http:\S+?:(\d+)\//);
    if (pipeline) {
      processes.push(start(LOAD_CORE, "relay,sinks"));
      await processes[1].waitForOutput(/Hypogeum is (ready)/);
    }
    const url = `http://127.0.0.1:${port}`;
    // The port is open before the tables are created.
    await untilHealthy(url);
    const tokens = await createPlayers(services.env.DATABASE_URL, secret, "anonymous", players);
    return { url, server, pipelineProcess: processes[1] ?? null, tokens, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
