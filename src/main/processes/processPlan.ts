/** Owns how the program is spread over the processes of one machine: which roles, which port, which address. Starts nothing. */
import { createServer } from "node:net";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Role } from "../../platform/config/settings.ts";
import { browserHost } from "./browserHost.ts";

export interface PlannedProcess {
  /** Of the process in the logs. */
  readonly name: string;
  readonly port: number;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

interface ProcessPlan {
  /** One a core: rooms and API. The first is the one that people are told of. */
  readonly games: readonly PlannedProcess[];
  /** Relay and sinks of this machine; null where the program does neither. */
  readonly pipeline: PlannedProcess | null;
}

/** How many ports the plan needs. */
export const portsNeeded = (config: Config): number => config.processes + (pipelineRoles(config).length > 0 ? 1 : 0);

/** @param ports of the game processes, and behind them that of the pipeline. */
export function planProcesses(config: Config, ports: readonly number[]): ProcessPlan {
  const planned = (name: string, port: number, roles: readonly Role[]): PlannedProcess => ({
    ...{ name, port },
    env: {
      ...config.env,
      ...{ PROCESSES: "1", PROCESS_NAME: config.processName === undefined ? name : `${config.processName}-${name}` },
      ...{ PORT: String(port), ROLES: roles.join(","), PUBLIC_ADDRESS: addressTemplate(config) },
    },
  });
  const front = config.roles.filter((role) => role === "game" || role === "api");
  const back = pipelineRoles(config);
  return {
    games: ports.slice(0, config.processes).map((port, at) => planned(`game-${at}`, port, front)),
    pipeline: back.length === 0 ? null : planned("pipeline", ports[config.processes], back),
  };
}

/** PORT and those that follow it; for port 0 as many as are free now. */
export async function choosePorts(config: Config): Promise<number[]> {
  const count = portsNeeded(config);
  if (config.port !== 0) return Array.from({ length: count }, (_, at) => config.port + at);
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, config.host, () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A client must be sent to the process that holds its room, so each needs an address, if only for this machine. */
function addressTemplate({ publicAddress, host }: Config): string {
  return publicAddress ?? `${browserHost(host)}:{port}`;
}

function pipelineRoles({ roles }: Config): Role[] {
  return roles.filter((role) => role === "relay" || role === "sinks");
}
