import { setTimeout as delay } from "node:timers/promises";
import type { Readiness } from "../../src/platform/health/readiness.ts";

/** Resolves when `/readyz` reports neither a problem nor a warning: the tables exist, and every part works. */
export async function untilHealthy(url: string): Promise<void> {
  for (;;) {
    const { problems, warnings } = (await (await fetch(`${url}/readyz`)).json()) as Readiness;
    if (problems.length + warnings.length === 0) return;
    await delay(50);
  }
}
