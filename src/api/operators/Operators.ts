/** Who may use `/admin`, `/monitor` and `/playground`: authentication by password or bearer token, roles, limits on guesses. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import type { Passwords } from "../../players/identity/Passwords.ts";
import { bearerOf } from "../bearerOf.ts";
import { digest, type Limits } from "../limits.ts";
import { Problem } from "../problems.ts";
import { hasRole, type Operator, type OperatorRole } from "./Operator.ts";
import type { OperatorIssuer } from "./OperatorIssuer.ts";
import type { OperatorEntry, OperatorsFile } from "./OperatorsFile.ts";
import { hostOf, isFromOtherSite } from "./requestSite.ts";

interface OperatorsDeps {
  /** ADMIN_USER and ADMIN_PASSWORD: an operator who may do everything. */
  readonly admin: { readonly user: string; readonly password: string } | null;
  readonly file: OperatorsFile | null;
  readonly issuer: OperatorIssuer | null;
  readonly passwords: Pick<Passwords, "verify">;
  readonly limits: Pick<Limits, "countGuess">;
  /** PUBLIC_URL: its pages may send requests too, also if a proxy replaces the header Host. */
  readonly publicUrl?: string;
}

/** Headers of a refusal: browsers then ask for name and password. */
const CHALLENGE = { headers: { "www-authenticate": 'Basic realm="operator", charset="UTF-8"' } };

const OWN_PAGE =
  "Expected the header Sec-Fetch-Site: same-origin or none, or without this header an Origin or Referer with the host of this server or of PUBLIC_URL.";

/**
 * Hashing a password is slow on purpose, and the monitor sends a request every few seconds. Guesses are counted in Redis, which may
 * not answer. So a correct password is remembered while it is used.
 */
const REMEMBERED_MS = 60_000;

interface Remembered {
  readonly name: string;
  /** The hash for which the password was checked: if the hash changes, the password must be checked again. Null for ADMIN_PASSWORD. */
  readonly hash: string | null;
}

/** Correct credentials by their digests. */
type Remembering = ReadonlyMap<string, Remembered>;

export class Operators {
  readonly #deps: OperatorsDeps;
  readonly #ownHosts: readonly string[];
  /** By address, so that guesses from elsewhere are never compared with what is remembered. */
  readonly #remembered = new LRUCache<string, Remembering>({ max: 1000, ttl: REMEMBERED_MS, updateAgeOnGet: true });

  constructor(deps: OperatorsDeps) {
    this.#deps = deps;
    this.#ownHosts = deps.publicUrl === undefined ? [] : [hostOf(deps.publicUrl)!];
  }

  /**
   * Resolves to the operator who sent the request. A request that needs more than the role `view` is an act. Rejects with
   * `OPERATOR_ONLY`, `OPERATOR_ROLE`, `TOO_MANY_REQUESTS`, or `CROSS_SITE`: browsers add the operator's password also to requests
   * that pages of other sites make.
   */
  async require(request: IncomingMessage, address: string, role: OperatorRole): Promise<Operator> {
    const operator = await this.#identify(request, address);
    if (operator === null) throw new Problem("OPERATOR_ONLY", undefined, CHALLENGE);
    if (!hasRole(operator, role))
      throw new Problem(
        "OPERATOR_ROLE",
        `${operator.name} has the role ${operator.role}. This request needs the role ${role}.`,
      );
    if (isFromOtherSite(request, role !== "view", this.#ownHosts)) throw new Problem("CROSS_SITE", OWN_PAGE);
    return operator;
  }

  /** For routes of which everyone may see a part. Resolves to null if the request is not from an operator. Never rejects. */
  async recognise(request: IncomingMessage, address: string): Promise<Operator | null> {
    if (isFromOtherSite(request, false, this.#ownHosts)) return null;
    return this.#identify(request, address).catch(() => null);
  }

  async #identify(request: IncomingMessage, address: string): Promise<Operator | null> {
    const { limits } = this.#deps;
    const token = bearerOf(request);
    if (token !== null) return limits.countGuess(address, () => this.#byToken(token));
    const given = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given === undefined) return null;
    const credentials = Buffer.from(given, "base64").toString("utf8");
    return this.#recall(credentials, address) ?? this.#check(credentials, address);
  }

  /** Until the credentials turn out to be correct, nothing is remembered for the address: else guesses would not be counted. */
  async #check(credentials: string, address: string): Promise<Operator | null> {
    const before = this.#remembered.get(address) ?? [];
    this.#remembered.delete(address);
    const found = await this.#deps.limits.countGuess(address, () => this.#byPassword(credentials));
    if (found === null) return null;
    const meanwhile = this.#remembered.get(address) ?? [];
    this.#remembered.set(address, new Map([...before, ...meanwhile, [keyOf(credentials), found]]));
    return this.#operatorOf(found);
  }

  async #byToken(token: string): Promise<Operator | null> {
    const { file, issuer } = this.#deps;
    const hash = digest(token);
    const entry = file
      ?.entries()
      .find(
        ({ tokenHash }) => tokenHash !== undefined && timingSafeEqual(Buffer.from(tokenHash.slice(7), "hex"), hash),
      );
    if (entry !== undefined) return { name: entry.name, role: entry.role };
    return issuer === null ? null : issuer.operatorOf(token);
  }

  async #byPassword(credentials: string): Promise<Remembered | null> {
    const { admin, file, passwords } = this.#deps;
    if (admin !== null && timingSafeEqual(digest(credentials), digest(`${admin.user}:${admin.password}`)))
      return { name: admin.user, hash: null };
    if (file === null) return null;
    const [name, password] = splitAtColon(credentials);
    const hash = this.#entryOf(name)?.passwordHash ?? null;
    return (await passwords.verify(password, hash)) ? { name, hash } : null;
  }

  #recall(credentials: string, address: string): Operator | null {
    const known = this.#remembered.get(address)?.get(keyOf(credentials));
    return known === undefined ? null : this.#operatorOf(known);
  }

  /** Null if the operator was removed, or has another password now. */
  #operatorOf({ name, hash }: Remembered): Operator | null {
    if (hash === null) return { name, role: "administer" };
    const entry = this.#entryOf(name);
    return entry?.passwordHash === hash ? { name, role: entry.role } : null;
  }

  #entryOf(name: string): OperatorEntry | undefined {
    return this.#deps.file?.entries().find((entry) => entry.name === name);
  }
}

const keyOf = (credentials: string) => digest(credentials).toString("base64");

function splitAtColon(text: string): [string, string] {
  const at = text.indexOf(":");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
