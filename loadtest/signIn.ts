/**
 * Owns the identities of the bots: signs people in anonymously, as many as there are bots, or as the server lets it. Asks no
 * more once it is told that it asks too often.
 */
import { networkRefusal } from "./WireLine.ts";

const AT_ONCE = 8;
const ANSWER_WITHIN_MS = 20_000;

/** Tokens of different players, at least one. Rejects where there is none to be had. */
export async function signIn(url: string, wanted: number): Promise<string[]> {
  const tokens: string[] = [];
  let asked = 0;
  let problem: string | null = null;
  const ask = async (): Promise<void> => {
    while (asked < wanted && problem === null) {
      asked++;
      const answer = await askOnce(url);
      if ("token" in answer) tokens.push(answer.token);
      else problem = answer.problem;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  if (tokens.length === 0) throw new Error(`nobody could be signed in at ${url}/auth/anonymous: ${problem}`);
  return tokens;
}

async function askOnce(url: string): Promise<{ token: string } | { problem: string }> {
  try {
    const response = await fetch(`${url}/auth/anonymous`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) return { problem: `HTTP ${response.status}` };
    return { token: ((await response.json()) as { token: string }).token };
  } catch (error) {
    return { problem: networkRefusal(error).code };
  }
}
