/**
 * Fails a run that leaves timers, sockets, servers, child processes or workers behind. Whatever keeps the event loop alive after
 * the last test, and did not before the first, is a leak.
 */
import { setTimeout } from "node:timers/promises";
import type { RootHookObject } from "mocha";

const GRACE_MS = 5000;
const POLL_MS = 50;

function countActive(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function moreThan(before: ReadonlyMap<string, number>): string[] {
  return [...countActive()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} × ${kind}`);
}

/** Ports, commands and the like of open handles, to find the test that left them. */
function describeHandles(): string {
  const handles = (process as unknown as { _getActiveHandles(): any[] })._getActiveHandles();
  return handles
    .map((handle) => {
      const where =
        handle.spawnfile ?? handle.remotePort ?? handle.localPort ?? handle.address?.()?.port ?? handle.fd ?? "";
      return `${handle.constructor.name} ${where}`.trim();
    })
    .join(", ");
}

let before: ReadonlyMap<string, number> = new Map();

export const mochaHooks: RootHookObject = {
  async beforeAll(this: Mocha.Context) {
    // Both hooks are asynchronous and have no timeout, so that mocha's own timer for them is counted in both.
    this.timeout(0);
    await setTimeout(1);
    before = countActive();
  },
  async afterAll(this: Mocha.Context) {
    this.timeout(0);
    const deadline = performance.now() + GRACE_MS;
    while (moreThan(before).length > 0 && performance.now() < deadline) {
      await setTimeout(POLL_MS);
    }
    const leaks = moreThan(before);
    if (leaks.length === 0) return;
    // A leak may keep this process alive forever, so it is ended. The timer itself does not keep it alive.
    globalThis.setTimeout(() => process.exit(1), GRACE_MS).unref();
    throw new Error(`the tests left behind ${leaks.join(", ")} (${describeHandles()})`);
  },
};
