/**
 * Hashes passwords with scrypt, which is slow on purpose. The work runs in the thread pool, never on the game thread, and only
 * a few hashes are computed at a time, so that sign-ins cannot take the CPU from matches.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";

/** Parameters of one hash. Source: OWASP Password Storage Cheat Sheet, scrypt with 32 MiB (N = 2^15, r = 8, p = 3). */
export interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const COST: Cost = { logN: 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const RUNNING_MAX = 2;
/** How many hashes may wait for others. */
export const WAITING_MAX = 64;

/** Too many hashes are waiting. The client may try again later. */
export class PasswordsBusy extends Error {}

export class Passwords {
  readonly #cost: Cost;
  /** Used if there is no hash, so that an unknown account takes as long as a wrong password. */
  readonly #dummy: string;
  readonly #limit = pLimit(RUNNING_MAX);
  /** Hashes computed so far. */
  hashes = 0;

  constructor(cost: Cost = COST) {
    this.#cost = cost;
    this.#dummy = pack(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  }

  /** Throws `PasswordsBusy`. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return pack(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /**
   * For a null hash, does the same work and resolves to false. Throws `PasswordsBusy` if `waitingMax` hashes are waiting: callers with
   * a lower limit leave the other places to those with a higher one.
   */
  async verify(password: string, hash: string | null, waitingMax = WAITING_MAX): Promise<boolean> {
    const { cost, salt, key } = unpack(hash ?? this.#dummy);
    const given = await this.#derive(password, salt, cost, waitingMax);
    return timingSafeEqual(given, key) && hash !== null;
  }

  async #derive(password: string, salt: Buffer, { logN, r, p }: Cost, waitingMax = WAITING_MAX): Promise<Buffer> {
    const { activeCount, pendingCount } = this.#limit;
    if (activeCount + pendingCount >= RUNNING_MAX + waitingMax)
      throw new PasswordsBusy("too many password hashes are waiting; try again later");
    return this.#limit(() => {
      this.hashes++;
      const N = 2 ** logN;
      return derive(password.normalize("NFKC"), salt, { N, r, p, maxmem: 256 * N * r });
    });
  }
}

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function pack({ logN, r, p }: Cost, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

function unpack(hash: string): { cost: Cost; salt: Buffer; key: Buffer } {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (match === null)
    throw new Error("a stored password hash has an unknown format: expected $scrypt$ln=…,r=…,p=…$salt$key");
  const [logN, r, p] = match.slice(1, 4).map(Number);
  return { cost: { logN, r, p }, salt: Buffer.from(match[4], "base64url"), key: Buffer.from(match[5], "base64url") };
}
