/** Verifies the tokens (JWT) of an OpenID Connect issuer against the keys that the issuer publishes. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";

export interface IssuedTokensOptions {
  readonly issuer: string;
  /** The URL where the issuer publishes its keys. They are fetched when first needed. */
  readonly keys: URL | JWTVerifyGetKey;
  /** The `aud` claim that a token needs; undefined: none. */
  readonly audience?: string;
  /** Called at each use of the keys: with why they are unavailable, in one line without an address, or with null. */
  readonly onKeys?: (problem: string | null) => void;
  /** Unix ms. */
  readonly now?: () => number;
}

/** The keys cannot be fetched or used, so nobody knows whether the token is valid. The message says why, without an address. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** Asymmetric algorithms only: a shared key would have to be known to this server too, and `none` means no signature. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const CLOCK_TOLERANCE_SECONDS = 30;
/** How long after a failure the keys are fetched again, if no token causes this before. */
const RETRY_MS = 30_000;

/** Errors of a lookup in keys that are available: the token names no key of them. */
const NO_KEY = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

export class IssuedTokens {
  readonly #options: IssuedTokensOptions;
  readonly #keys: JWTVerifyGetKey;
  /** Fetches the keys again; null if they are not fetched. */
  readonly #reload: (() => Promise<void>) | null;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: IssuedTokensOptions) {
    this.#options = options;
    const { keys } = options;
    const remote = keys instanceof URL ? createRemoteJWKSet(keys) : null;
    this.#keys = remote ?? (keys as JWTVerifyGetKey);
    this.#reload = remote?.reload ?? null;
  }

  /** Rejects with `KeysUnavailable`, or with a `JOSEError` if the token is invalid. */
  async verify(token: string): Promise<JWTPayload> {
    const { issuer, audience, now = Date.now } = this.#options;
    let wereRead = false;
    const keyOf = async (...given: Parameters<JWTVerifyGetKey>) => {
      try {
        const key = await this.#keys(...given);
        wereRead = true;
        return key;
      } catch (error) {
        wereRead = NO_KEY.some((kind) => error instanceof kind);
        throw wereRead ? error : this.#unavailable(error);
      }
    };
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        ...{ issuer, audience, algorithms: ALGORITHMS },
        currentDate: new Date(now()),
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["sub", "exp"],
      });
      this.#available();
      return payload;
    } catch (error) {
      if (error instanceof KeysUnavailable) throw error;
      // The key cannot be used, for instance because it is too short for the algorithm.
      if (!(error instanceof errors.JOSEError)) throw this.#unavailable(error);
      if (wereRead) this.#available();
      throw error;
    }
  }

  #available(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#options.onKeys?.(null);
  }

  #unavailable(error: unknown): KeysUnavailable {
    const reason = reasonOf(error);
    this.#options.onKeys?.(reason);
    this.#fetchLater();
    return new KeysUnavailable(reason, { cause: error });
  }

  /** So that the problem is over when the keys are available again, and not when the next token arrives. */
  #fetchLater(): void {
    const reload = this.#reload;
    if (reload === null || this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      reload().then(
        () => this.#available(),
        (error) => this.#unavailable(error),
      );
    }, RETRY_MS).unref();
  }
}

/** The code of the connection error, or the text of the library, which contains no address then. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : message;
}
