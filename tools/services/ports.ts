/**
 * Chooses loopback ports for a set of services.
 *
 * The ports are below the range that the kernel uses for outgoing connections. Within that range, a client that keeps connecting
 * to a stopped service can be given the service's own port, connect to itself, and block the port.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const firstPort = 20_000;
const endPort = 32_000;
const tries = 200;

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Rejects if it finds none. @param taken ports that are reserved although no program listens on them yet. */
export async function findFreePort(taken: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = randomInt(firstPort, endPort);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`found no free loopback port from ${firstPort} to ${endPort} in ${tries} attempts`);
}
