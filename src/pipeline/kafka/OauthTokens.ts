/** Access tokens for the brokers, by the flow "client credentials" of OAuth 2 (RFC 6749, section 4.4). */
import type { KafkaOauth } from "./security.ts";

/** Shorter than the time that the clients give to an authentication. */
const REQUEST_MS = 4_000;
/** A token is replaced after this part of its lifetime, so that it does not expire in transit. */
const USED_PART = 0.8;
/** Lifetime in seconds of a token whose answer contains no `expires_in`. */
const UNKNOWN_LIFE_S = 60;

/** There is no token. The message is one line for operators, and names the variable to check. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

/** What a client sends to a broker to sign in with a token (RFC 7628). */
export const signInRequest = (token: string): Buffer => Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`);

/** @param answer why the broker refuses the token, as it says. */
export function refusalOfToken({ username }: KafkaOauth, broker: string, answer: string): TokenRefused {
  return new TokenRefused(
    `KAFKA_SASL_USERNAME: broker ${broker} refused the token of client ${JSON.stringify(username)}: ` +
      `${answer.slice(0, 200)}; compare issuer, audience and scope with what the brokers expect`,
  );
}

interface Token {
  readonly value: string;
  /** By the clock of `OauthTokens`. */
  readonly usedUntil: number;
}

export class OauthTokens {
  readonly #options: KafkaOauth;
  readonly #now: () => number;
  #token: Promise<Token> | null = null;

  /** `now`: in ms, from any origin. */
  constructor(options: KafkaOauth, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /** Rejects with `TokenRefused`. All connections share a token, and one request for it. */
  async get(): Promise<string> {
    const current = this.#token;
    if (current !== null && (await current).usedUntil > this.#now()) return (await current).value;
    // Another caller may have requested the next token meanwhile, and may have received none.
    if (this.#token === current || this.#token === null) {
      const next = this.#request();
      this.#token = next;
      next.catch(() => {
        if (this.#token === next) this.#token = null;
      });
    }
    return (await this.#token).value;
  }

  /** Call it if a broker refuses the current token: the next call of `get` requests another one. */
  forget(): void {
    this.#token = null;
  }

  async #request(): Promise<Token> {
    const sentAt = this.#now();
    const { status, body } = await this.#send();
    const { access_token: value, expires_in: life, error } = body as Record<string, unknown>;
    const { tokenUrl, username } = this.#options;
    if (status === 400 || status === 401)
      throw new TokenRefused(
        `KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: ${tokenUrl} refused client ${JSON.stringify(username)}: status ${status}${textOf(error)}`,
      );
    if (status !== 200 || typeof value !== "string")
      throw new TokenRefused(
        `KAFKA_OAUTH_TOKEN_URL: ${tokenUrl} answered with status ${status}${textOf(error)}: expected 200 and JSON with access_token`,
      );
    const seconds = Number(life) > 0 ? Number(life) : UNKNOWN_LIFE_S;
    return { value, usedUntil: sentAt + seconds * 1000 * USED_PART };
  }

  async #send(): Promise<{ status: number; body: unknown }> {
    const { tokenUrl, username, password, scope } = this.#options;
    const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
    try {
      const response = await fetch(tokenUrl, {
        method: "POST",
        headers: { accept: "application/json", authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
        body: new URLSearchParams({ grant_type: "client_credentials", ...(scope !== null && { scope }) }),
        redirect: "error",
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      return { status: response.status, body: (await response.json().catch(() => null)) ?? {} };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
      const reason = cause?.code ?? cause?.message ?? message;
      throw new TokenRefused(
        `KAFKA_OAUTH_TOKEN_URL: no answer from ${tokenUrl} (${reason}): start the identity provider, or correct the URL`,
      );
    }
  }
}

const textOf = (error: unknown): string => (typeof error === "string" ? ` (${error.slice(0, 100)})` : "");
