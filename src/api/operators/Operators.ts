/** Who may use `/admin`, `/monitor` and `/playground`: authentication by password or bearer token, roles, limits on guesses. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Passwords, WAITING_MAX } from "../../players/identity/Passwords.ts";
import { bearerOf } from "../bearerOf.ts";
import { digest } from "../limits.ts";
import { Problem, type ProblemCode } from "../problems.ts";
import { toProblem } from "../toProblem.ts";
import { basicCredentialsOf, splitAtColon } from "./basicCredentials.ts";
import type { Guess, GuessLimits } from "./GuessLimits.ts";
import { hasRole, type Operator, type OperatorRole } from "./Operator.ts";
import type { OperatorIssuer } from "./OperatorIssuer.ts";
import type { OperatorEntry, OperatorsFile } from "./OperatorsFile.ts";
import { type CheckedPassword, RememberedCredentials } from "./RememberedCredentials.ts";
import { hostOf, isFromOtherSite } from "./requestSite.ts";

interface OperatorsDeps {
  /** ADMIN_USER and ADMIN_PASSWORD: an operator who may do everything. */
  readonly admin: { readonly user: string; readonly password: string } | null;
  readonly file: OperatorsFile | null;
  readonly issuer: OperatorIssuer | null;
  readonly passwords: Pick<Passwords, "verify">;
  readonly guesses: Pick<GuessLimits, "count">;
  /** PUBLIC_URL: its pages may send requests too, also if a proxy replaces the header Host. */
  readonly publicUrl?: string;
  /** Called for each request with credentials that is refused. */
  readonly onRefused: (refused: RefusedOperator) => void;
  /** Unix ms. */
  readonly now?: () => number;
}

export interface RefusedOperator {
  readonly address: string;
  /** Null if the credentials name no known operator: the unknown name may be a password in the wrong field. */
  readonly operator: string | null;
  /** Method and path. */
  readonly route: string;
  readonly code: ProblemCode;
}

/** Headers of a refusal: browsers then ask for name and password. */
const CHALLENGE = { headers: { "www-authenticate": 'Basic realm="operator", charset="UTF-8"' } };

const OWN_PAGE =
  "Expected the header Sec-Fetch-Site: same-origin, or without this header an Origin or Referer with the host of this server or of PUBLIC_URL.";

/** As `npm run operator` makes them: nobody can guess 256 random bits. */
const RANDOM_TOKEN = /^[\w-]{43}$/;

const ROUTE_MAX = 200;

/** How many passwords from addresses where their operator has not signed in may wait. The other places are for known addresses. */
const STRANGERS_WAITING_MAX = WAITING_MAX / 2;

export class Operators {
  readonly #deps: OperatorsDeps;
  readonly #ownHosts: readonly string[];
  readonly #remembered: RememberedCredentials;

  constructor(deps: OperatorsDeps) {
    this.#deps = deps;
    this.#remembered = new RememberedCredentials(deps.now ?? Date.now);
    this.#ownHosts = deps.publicUrl === undefined ? [] : [hostOf(deps.publicUrl)!];
  }

  /**
   * Resolves to the operator who sent the request. A request that needs more than the role `view` is an act. Rejects with
   * `OPERATOR_ONLY`, `OPERATOR_ROLE`, `TOO_MANY_REQUESTS`, `UNAVAILABLE`, or `CROSS_SITE`: browsers add the operator's password also to
   * requests that pages of other sites make. `admit` is called with the operator last; what it rejects with is reported as a refusal too.
   */
  async require(
    request: IncomingMessage,
    address: string,
    role: OperatorRole,
    admit: (operator: Operator) => Promise<void> = async () => {},
  ): Promise<Operator> {
    let operator: Operator | null = null;
    try {
      this.#refuseOtherSites(request, role);
      operator = await this.#identify(request, address, "tools");
      this.#allow(operator, role);
      await admit(operator);
      return operator;
    } catch (error) {
      this.#report(request, address, operator, error);
      throw error;
    }
  }

  /** For routes of which everyone may see a part. Resolves to null if the request is not from an operator. Never rejects. */
  async recognise(request: IncomingMessage, address: string): Promise<Operator | null> {
    try {
      this.#refuseOtherSites(request, "view");
      const operator = await this.#identify(request, address, "readiness");
      this.#allow(operator, "view");
      return operator;
    } catch (error) {
      this.#report(request, address, null, error);
      return null;
    }
  }

  /** Comes first: pages of other sites could otherwise guess passwords through a visitor's browser, or use up the visitor's guesses. */
  #refuseOtherSites(request: IncomingMessage, role: OperatorRole): void {
    if (isFromOtherSite(request, role !== "view", this.#ownHosts)) throw new Problem("CROSS_SITE", OWN_PAGE);
  }

  /** Throws a `Problem`. */
  #allow(operator: Operator | null, role: OperatorRole): asserts operator is Operator {
    if (operator === null) throw new Problem("OPERATOR_ONLY", undefined, CHALLENGE);
    if (!hasRole(operator, role))
      throw new Problem(
        "OPERATOR_ROLE",
        `${operator.name} has the role ${operator.role}. This request needs the role ${role}.`,
      );
  }

  /** Requests without credentials are not reported: browsers send them first, and everyone may read `/readyz`. */
  #report(request: IncomingMessage, address: string, operator: Operator | null, error: unknown): void {
    const credentials = basicCredentialsOf(request);
    if (credentials === null && bearerOf(request) === null) return;
    const [name] = splitAtColon(credentials ?? "");
    const isName = name === this.#deps.admin?.user || this.#entryOf(name) !== undefined;
    const { method, url = "" } = request;
    // Express removes the path of a tool from `url`.
    const { originalUrl = url } = request as { originalUrl?: string };
    this.#deps.onRefused({
      address,
      operator: operator?.name ?? (isName ? name : null),
      route: `${method} ${originalUrl.split("?", 1)[0].slice(0, ROUTE_MAX)}`,
      code: toProblem(error).code,
    });
  }

  async #identify(request: IncomingMessage, address: string, at: Guess["at"]): Promise<Operator | null> {
    const token = bearerOf(request);
    if (token !== null) return this.#byToken(token, { at, address, name: null });
    const credentials = basicCredentialsOf(request);
    if (credentials === null) return null;
    const [name] = splitAtColon(credentials);
    // What guesses are counted for is part of the place.
    const place = `${at} ${address}`;
    const remembered = this.#remembered.passwordAt(place, credentials);
    const operator = remembered && this.#operatorOf(remembered);
    if (operator !== null) return operator;
    const checked = await this.#remembered.rememberPassword(place, credentials, () =>
      this.#deps.guesses.count({ at, address, name }, (isKnown) => this.#byPassword(credentials, isKnown)),
    );
    return checked && this.#operatorOf(checked);
  }

  async #byToken(token: string, guess: Guess): Promise<Operator | null> {
    const { guesses, issuer } = this.#deps;
    const known =
      (RANDOM_TOKEN.test(token) ? this.#byTokenOfFile(token) : null) ?? this.#remembered.operatorOfToken(token);
    if (known !== null) return known;
    return guesses.count(guess, async () => {
      const found = this.#byTokenOfFile(token);
      if (found !== null || issuer === null) return found;
      const issued = await issuer.operatorOf(token);
      if (issued !== null) this.#remembered.rememberToken(token, issued);
      return issued?.operator ?? null;
    });
  }

  #byTokenOfFile(token: string): Operator | null {
    const hash = digest(token);
    const entries = this.#deps.file?.entries() ?? [];
    const entry = entries.find(
      ({ tokenHash }) => tokenHash !== undefined && timingSafeEqual(Buffer.from(tokenHash.slice(7), "hex"), hash),
    );
    return entry === undefined ? null : { name: entry.name, role: entry.role };
  }

  async #byPassword(credentials: string, isKnown: boolean): Promise<CheckedPassword | null> {
    const { admin, file, passwords } = this.#deps;
    if (admin !== null && timingSafeEqual(digest(credentials), digest(`${admin.user}:${admin.password}`)))
      return { name: admin.user, hash: null };
    if (file === null) return null;
    const [name, password] = splitAtColon(credentials);
    const hash = this.#entryOf(name)?.passwordHash ?? null;
    return (await passwords.verify(password, hash, isKnown ? WAITING_MAX : STRANGERS_WAITING_MAX))
      ? { name, hash }
      : null;
  }

  /** Null if the operator was removed, or has another password now. */
  #operatorOf({ name, hash }: CheckedPassword): Operator | null {
    if (hash === null) return { name, role: "administer" };
    const entry = this.#entryOf(name);
    return entry?.passwordHash === hash ? { name, role: entry.role } : null;
  }

  #entryOf(name: string): OperatorEntry | undefined {
    return this.#deps.file?.entries().find((entry) => entry.name === name);
  }
}
