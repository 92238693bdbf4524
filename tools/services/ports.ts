/**
 * Loopback ports for a set of services.
 *
 * They are taken from below the range from which the kernel gives ports to outgoing connections. Within it, a client that
 * keeps trying to reach a stopped service may be given that very port, connect to itself, and hold it against the service.
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

/** @param taken ports that are spoken for though nobody listens yet. */
export async function freePort(taken: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = randomInt(firstPort, endPort);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`found no free loopback port from ${firstPort} to ${endPort} in ${tries} tries`);
}
