/** How `--processes` distributes the program over processes of one machine: roles, ports, addresses. Starts nothing. */
import { createServer } from "node:net";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Role } from "../../platform/config/settings.ts";
import { browserHost } from "./browserHost.ts";

export interface PlannedProcess {
  /** The `process` field of its log lines. */
  readonly name: string;
  readonly port: number;
  /** Its complete environment. */
  readonly env: Readonly<Record<string, string>>;
}

interface ProcessPlan {
  /** Rooms and API. The address of the first is printed at the start. */
  readonly games: readonly PlannedProcess[];
  /** Relay and sinks of this machine; null if ROLES has neither. */
  readonly pipeline: PlannedProcess | null;
}

/** Number of ports that the plan uses. */
export const portsNeeded = (config: Config): number => config.processes + (pipelineRoles(config).length > 0 ? 1 : 0);

/** @param ports those of the game processes, then that of the pipeline process. */
export function planProcesses(config: Config, ports: readonly number[]): ProcessPlan {
  const { healthPort } = config;
  const planned = (name: string, port: number, roles: readonly Role[]): PlannedProcess => ({
    ...{ name, port },
    env: {
      ...config.passedEnv,
      ...(healthPort !== undefined && { HEALTH_PORT: String(healthPort + ports.indexOf(port)) }),
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

/** PORT and the ports that follow it; for port 0, ports that are free now. */
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

/**
 * Clients are sent to the process that hosts their room, so each process needs an address, even if it is valid only on this
 * machine.
 */
function addressTemplate({ publicAddress, host }: Config): string {
  return publicAddress ?? `${browserHost(host)}:{port}`;
}

function pipelineRoles({ roles }: Config): Role[] {
  return roles.filter((role) => role === "relay" || role === "sinks");
}
