/**
 * Signs in anonymous players: one for each bot, or as many as the server allows. Pauses at each refusal, so that it does not keep
 * a rate-limited server busy.
 */
import { networkFailure } from "./joinFailureOf.ts";

const CONCURRENT_REQUESTS = 8;
const TIMEOUT_MS = 20_000;
/** If the server refuses sign-ins, they continue after its `Retry-After`, but all pauses together are not longer than this. */
const WAIT_MS_MAX = 90_000;

interface SignInResult {
  readonly token?: string;
  readonly problem?: string;
  readonly retryAfterMs?: number;
}

/**
 * Resolves to tokens of at least one and up to `wanted` different players. Rejects if none can be signed in. `notify` receives
 * one line of text for each pause, and one if players are missing.
 */
export async function signIn(
  url: string,
  wanted: number,
  notify: (text: string) => void = () => {},
): Promise<string[]> {
  const tokens: string[] = [];
  let leftMs = WAIT_MS_MAX;
  for (;;) {
    const { tokens: more, refusal } = await signInMany(url, wanted - tokens.length);
    tokens.push(...more);
    if (refusal === null) return tokens;
    const waitMs = refusal.retryAfterMs ?? Number.POSITIVE_INFINITY;
    if (waitMs > leftMs) {
      if (tokens.length === 0) throw new Error(`sign-in failed at ${url}/auth/anonymous: ${refusal.problem}`);
      notify(`the server allows only ${tokens.length} of ${wanted} sign-ins, so only ${tokens.length} bots play`);
      return tokens;
    }
    leftMs -= waitMs;
    notify(
      `${tokens.length} of ${wanted} bots are signed in; the server refuses more for ${Math.ceil(waitMs / 1000)} s; waiting`,
    );
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function signInMany(url: string, wanted: number): Promise<{ tokens: string[]; refusal: SignInResult | null }> {
  const tokens: string[] = [];
  let requested = 0;
  let refusal: SignInResult | null = null;
  const requestTokens = async (): Promise<void> => {
    while (requested < wanted && refusal === null) {
      requested++;
      const result = await requestToken(url);
      if (result.token === undefined) refusal = result;
      else tokens.push(result.token);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, requestTokens));
  return { tokens, refusal };
}

async function requestToken(url: string): Promise<SignInResult> {
  try {
    const response = await fetch(`${url}/auth/anonymous`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return { token: ((await response.json()) as { token: string }).token };
    const retryAfter = response.headers.get("retry-after");
    const retryAfterMs = retryAfter === null ? undefined : Number(retryAfter) * 1000;
    return { problem: `HTTP ${response.status}`, retryAfterMs };
  } catch (error) {
    return { problem: networkFailure(error).reason };
  }
}
