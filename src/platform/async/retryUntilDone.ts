import { Backoff } from "./Backoff.ts";

/**
 * Repeats `work` after growing pauses until it succeeds. Resolves to whether it has succeeded: to false only if the signal was
 * aborted. `onFailed` is called after each failure, with the length of the pause that follows.
 */
export async function retryUntilDone(
  work: () => Promise<unknown>,
  { firstMs, lastMs, signal }: { readonly firstMs: number; readonly lastMs: number; readonly signal: AbortSignal },
  onFailed: (error: Error, retryInMs: number) => void,
): Promise<boolean> {
  const backoff = new Backoff(firstMs, lastMs);
  while (!signal.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      onFailed(error as Error, backoff.nextMs);
      await backoff.wait(signal);
    }
  }
  return false;
}
