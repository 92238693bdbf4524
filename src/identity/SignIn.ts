/**
 * Owns the ways in: anonymous, by e-mail and password, and the password that was forgotten. Neither what log-in and forgotten
 * password answer nor the work that they do tells whether an address is known.
 */
import { createHmac, randomUUID } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { TokenError, type Tokens } from "../auth/Tokens.ts";
import type { Sql } from "../sql/Sql.ts";
import { addIdentity, changePassword, findByIdentity, isNameFree, renamePlayer } from "../store/players.ts";
import { IdentityError } from "./IdentityError.ts";
import { foldEmail, foldName } from "./names.ts";
import type { Passwords } from "./Passwords.ts";
import type { Session, Sessions } from "./Sessions.ts";

/** Sends a message that lets its reader set a new password. May take its time; may fail. */
export type SendReset = (email: string, token: string) => Promise<void>;

export interface SignInOptions {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** Key of reset tokens; the same that signs the others will do. */
  readonly secret: string;
  /** Null: passwords that were forgotten cannot be reset. */
  readonly sendReset: SendReset | null;
  /** Told of a message that could not be sent. Never holds the address. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => number;
}

export interface SignedIn {
  readonly token: string;
  readonly user: { readonly id: string; readonly name: string | null; readonly anonymous: boolean };
}

const EMAIL = "email";
const RESET_SECONDS = 30 * 60;

export class SignIn {
  readonly #o: SignInOptions;
  /** Of its own, so that no reset token is ever good for anything else. */
  readonly #resetKey: Uint8Array;
  readonly #now: () => number;

  constructor(options: SignInOptions) {
    this.#o = options;
    this.#now = options.now ?? Date.now;
    this.#resetKey = createHmac("sha256", options.secret).update("password-reset").digest();
  }

  /** A good token is renewed; without one somebody new comes in, whose row is made when it is first needed. */
  async anonymously(token: string | null): Promise<SignedIn> {
    const session = await this.#sessionOf(token);
    if (session !== null) return this.#signedIn(refuseBanned(session));
    const playerId = randomUUID();
    return this.#signedIn({ playerId, kind: "anonymous", version: 0, name: null });
  }

  /** With the token of an anonymous person, that person gets the account and keeps id and history. */
  async register(email: string, password: string, name: string | null, token: string | null): Promise<SignedIn> {
    const session = await this.#sessionOf(token);
    const upgraded = session?.kind === "anonymous" ? refuseBanned(session) : null;
    const playerId = upgraded?.playerId ?? randomUUID();
    // Before anything is looked up, so that a known address answers no sooner.
    const passwordHash = await this.#o.passwords.hash(password);
    const chosen = await this.#o.sql.transaction(async (tx) => {
      const identity = { provider: EMAIL, subject: foldEmail(email), passwordHash };
      if (!(await addIdentity(tx, playerId, identity))) throw new IdentityError("EMAIL_TAKEN");
      if (name !== null && !(await isNameFree(tx, foldName(name), playerId))) throw new IdentityError("NAME_TAKEN");
      const wanted = name ?? upgraded?.name ?? null;
      const free = wanted !== null && (name !== null || (await isNameFree(tx, foldName(wanted), playerId)));
      if (!free) return await renamePlayer(tx, playerId, null, null).then(() => null);
      if (!(await renamePlayer(tx, playerId, wanted, foldName(wanted)))) throw new IdentityError("NAME_TAKEN");
      return wanted;
    });
    this.#o.sessions.forget(playerId);
    return this.#signedIn({ playerId, kind: "account", version: upgraded?.version ?? 0, name: chosen });
  }

  async byPassword(email: string, password: string): Promise<SignedIn> {
    const found = await findByIdentity(this.#o.sql, EMAIL, foldEmail(email));
    const good = await this.#o.passwords.verify(password, found?.passwordHash ?? null);
    if (!good || found === null) throw new IdentityError("CREDENTIALS_WRONG");
    if (found.bannedUntil !== null && found.bannedUntil.getTime() > this.#now())
      throw new IdentityError("BANNED", found.banReason ?? "BANNED", found.bannedUntil);
    return this.#signedIn({ playerId: found.id, kind: "account", version: found.tokenVersion, name: found.name });
  }

  /** Resolves the same for every address; the message is written and sent afterwards. */
  async forgotPassword(email: string): Promise<void> {
    const { sql, sendReset, failed } = this.#o;
    if (sendReset === null) throw new IdentityError("MAIL_NOT_CONFIGURED");
    const found = await findByIdentity(sql, EMAIL, foldEmail(email));
    if (found === null) return;
    setImmediate(() => {
      this.#signReset(found.id, found.tokenVersion)
        .then((token) => sendReset(foldEmail(email), token))
        .catch(failed);
    });
  }

  /** Sets a new password and logs out all devices. A reset token is good once. */
  async resetPassword(token: string, password: string): Promise<void> {
    const { playerId, version } = await this.#readReset(token);
    const passwordHash = await this.#o.passwords.hash(password);
    await this.#o.sql.transaction(async (tx) => {
      if (!(await changePassword(tx, playerId, version, passwordHash))) throw new IdentityError("RESET_INVALID");
    });
    this.#o.sessions.forget(playerId);
  }

  /** A token that is no good (any more) counts as none. */
  async #sessionOf(token: string | null): Promise<Session | null> {
    if (token === null) return null;
    return this.#o.sessions.authenticate(token).catch((error) => {
      if (error instanceof TokenError) return null;
      throw error;
    });
  }

  async #signedIn(of: Pick<Session, "playerId" | "kind" | "version" | "name">): Promise<SignedIn> {
    const { playerId, kind, version, name } = of;
    const token = await this.#o.tokens.sign({ playerId, kind, version });
    return { token, user: { id: playerId, name, anonymous: kind === "anonymous" } };
  }

  #signReset(playerId: string, version: number): Promise<string> {
    return new SignJWT({ ver: version })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(playerId)
      .setExpirationTime(Math.floor(this.#now() / 1000) + RESET_SECONDS)
      .sign(this.#resetKey);
  }

  async #readReset(token: string): Promise<{ playerId: string; version: number }> {
    try {
      const currentDate = new Date(this.#now());
      const { payload } = await jwtVerify(token, this.#resetKey, { algorithms: ["HS256"], currentDate });
      return { playerId: payload.sub!, version: payload.ver as number };
    } catch (error) {
      throw error instanceof errors.JOSEError ? new IdentityError("RESET_INVALID") : error;
    }
  }
}

/** Throws `IdentityError` for somebody who is banned. */
export function refuseBanned(session: Session): Session {
  if (session.bannedUntil !== null)
    throw new IdentityError("BANNED", session.banReason ?? "BANNED", session.bannedUntil);
  return session;
}
