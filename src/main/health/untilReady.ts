import { Backoff } from "../../platform/async/Backoff.ts";
import type { Readiness } from "../../platform/health/readiness.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { RepeatedTexts } from "../../platform/logging/RepeatedTexts.ts";

const FIRST_MS = 100;
const LAST_MS = 1000;
/** Most starts take less time, and log no line about what they wait for. */
const PATIENCE_MS = 5000;

interface UntilReadyDeps {
  /** What `/readyz` answers. */
  readonly readiness: () => Promise<Readiness>;
  readonly log: Pick<Logger, "warn">;
  readonly signal: AbortSignal;
  /** Monotonic clock in ms; for tests. */
  readonly now?: () => number;
  /** Pauses between two checks; for tests. */
  readonly pauses?: Pick<Backoff, "wait">;
}

/**
 * Resolves once `/readyz` answers 200, or `signal` is aborted. When that takes long, logs what the process waits for: each reason
 * at most once a minute.
 */
export async function untilReady({
  readiness,
  log,
  signal,
  now = () => performance.now(),
  pauses = new Backoff(FIRST_MS, LAST_MS),
}: UntilReadyDeps): Promise<void> {
  const startedAt = now();
  const texts = new RepeatedTexts(now);
  while (!signal.aborted) {
    const { ready, problems } = await readiness();
    if (ready) return;
    const line = `not ready yet, because /readyz reports: ${problems.join("; ")}`;
    if (now() - startedAt >= PATIENCE_MS && texts.take(line) !== null) log.warn({}, line);
    await pauses.wait(signal);
  }
}
