/**
 * Owns the identities of the bots: signs people in anonymously, as many as there are bots, or as the server lets it. Asks no
 * more once it is told that it asks too often.
 */
import { networkRefusal } from "./refusalOf.ts";

const AT_ONCE = 8;
const ANSWER_WITHIN_MS = 20_000;
/** A server that lets nobody in at first is asked once more after the time that it names, if that is no longer. */
const WAIT_MS_MAX = 90_000;

interface Answer {
  readonly token?: string;
  readonly problem?: string;
  readonly retryAfterMs?: number;
}

/** Tokens of different players, at least one. Rejects where there is none to be had. `tell`: what takes time, in a line. */
export async function signIn(url: string, wanted: number, tell: (text: string) => void = () => {}): Promise<string[]> {
  let { tokens, refusal } = await signInMany(url, wanted);
  const waitMs = refusal?.retryAfterMs ?? WAIT_MS_MAX;
  if (tokens.length === 0 && waitMs < WAIT_MS_MAX) {
    tell(`the server lets nobody sign in for another ${Math.ceil(waitMs / 1000)} s; waiting`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    ({ tokens, refusal } = await signInMany(url, wanted));
  }
  if (tokens.length === 0) throw new Error(`nobody could be signed in at ${url}/auth/anonymous: ${refusal?.problem}`);
  return tokens;
}

async function signInMany(url: string, wanted: number): Promise<{ tokens: string[]; refusal: Answer | null }> {
  const tokens: string[] = [];
  let asked = 0;
  let refusal: Answer | null = null;
  const ask = async (): Promise<void> => {
    while (asked < wanted && refusal === null) {
      asked++;
      const answer = await askOnce(url);
      if (answer.token === undefined) refusal = answer;
      else tokens.push(answer.token);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return { tokens, refusal };
}

async function askOnce(url: string): Promise<Answer> {
  try {
    const response = await fetch(`${url}/auth/anonymous`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.ok) return { token: ((await response.json()) as { token: string }).token };
    const retryAfter = response.headers.get("retry-after");
    const retryAfterMs = retryAfter === null ? undefined : Number(retryAfter) * 1000;
    return { problem: `HTTP ${response.status}`, retryAfterMs };
  } catch (error) {
    return { problem: networkRefusal(error).code };
  }
}
