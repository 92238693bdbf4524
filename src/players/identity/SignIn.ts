/**
 * Signs players in: anonymously, or by e-mail address and password. Neither the response of a log-in nor its duration may
 * reveal whether an address has an account.
 */
import { randomUUID } from "node:crypto";
import type { PlayerMessage, RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import { nameProblem } from "../../../schema/playerName.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { TokenError, type Tokens } from "../auth/Tokens.ts";
import { addPlayerEvent } from "../database/playerEvents.ts";
import {
  addIdentity,
  findByIdentity,
  isNameFree,
  removeName,
  renamePlayer,
  revokeTokens,
} from "../database/players.ts";
import { EMAIL_SIGN_IN, foldEmail } from "./emailAndPassword.ts";
import { IdentityError } from "./IdentityError.ts";
import type { Passwords } from "./Passwords.ts";
import type { Session, Sessions } from "./Sessions.ts";

interface SignInOptions {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** Gets each sign-in. */
  readonly recordPlayer: RecordPlayerEvent;
  readonly now?: () => number;
}

interface SignedIn {
  readonly token: string;
  readonly user: { readonly id: string; readonly name: string | null; readonly anonymous: boolean };
}

type NewSession = Pick<Session, "playerId" | "kind" | "version" | "name">;

export class SignIn {
  readonly #o: SignInOptions;
  readonly #now: () => number;

  constructor(options: SignInOptions) {
    this.#o = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Renews the token of a guest, who has no other way to sign in. Returns the token of an account as it is. Without a valid token,
   * creates a player, whose row is added when it is first needed. Throws `BANNED`, `TokenError`.
   */
  async anonymously(token: string | null): Promise<SignedIn> {
    const session = await this.#sessionOf(token);
    if (token !== null && session?.kind === "account") {
      const user = userOf(refuseBanned(session));
      this.#record(user.id, "token");
      return { token, user };
    }
    if (session !== null) return this.#signedIn(refuseBanned(session), "token");
    const playerId = randomUUID();
    return this.#signedIn({ playerId, kind: "anonymous", version: 0, name: null }, "anonymous");
  }

  /**
   * Creates an account. With the token of an anonymous player, turns that player into the account, which keeps id and history.
   * The guest's tokens are revoked, because none of them may open the account. Throws `BANNED`, `EMAIL_TAKEN`, `NAME_TAKEN`,
   * `PasswordsBusy`, `TokenError`.
   */
  async register(email: string, password: string, name: string | null, token: string | null): Promise<SignedIn> {
    const session = await this.#sessionOf(token);
    const upgraded = session?.kind === "anonymous" ? refuseBanned(session) : null;
    const playerId = upgraded?.playerId ?? randomUUID();
    // Hashed before any lookup, so that a known address gets no faster response.
    const passwordHash = await this.#o.passwords.hash(password);
    const { version, name: chosen } = await this.#o.sql.transaction(async (tx) => {
      const identity = { provider: EMAIL_SIGN_IN, subject: foldEmail(email), passwordHash };
      if (!(await addIdentity(tx, playerId, identity))) throw new IdentityError("EMAIL_TAKEN");
      const registered = {
        kind: "registered",
        player: playerId,
        method: "email",
        upgraded: upgraded !== null,
      } as const;
      await addPlayerEvent(tx, registered);
      const version = upgraded === null ? 0 : ((await revokeTokens(tx, playerId)) ?? 0);
      // The session may come from the cache of this process. A revoked token of a guest must not get an e-mail address.
      if (upgraded !== null && version !== upgraded.version + 1) throw new TokenError("TOKEN_REVOKED");
      const wanted = name ?? upgraded?.name ?? null;
      const good = wanted !== null && nameProblem(wanted) === null && (await isNameFree(tx, wanted, playerId));
      if (good && (await renamePlayer(tx, playerId, wanted, "account"))) return { version, name: wanted };
      // Also if another account got the name meanwhile, after which the transaction cannot continue.
      if (good || name !== null) throw new IdentityError("NAME_TAKEN");
      // The guest's name was good for a guest only.
      await removeName(tx, playerId);
      return { version, name: null };
    });
    this.#o.sessions.forget(playerId);
    return this.#withToken({ playerId, kind: "account", version, name: chosen });
  }

  /** Throws `CREDENTIALS_WRONG`, `BANNED`, `PasswordsBusy`. */
  async byPassword(email: string, password: string): Promise<SignedIn> {
    const found = await findByIdentity(this.#o.sql, EMAIL_SIGN_IN, foldEmail(email));
    const good = await this.#o.passwords.verify(password, found?.passwordHash ?? null);
    if (!good || found === null) throw new IdentityError("CREDENTIALS_WRONG");
    if (found.bannedUntil !== null && found.bannedUntil.getTime() > this.#now())
      throw new IdentityError("BANNED", found.banReason ?? "BANNED", found.bannedUntil);
    const { id: playerId, tokenVersion: version, name } = found;
    return this.#signedIn({ playerId, kind: "account", version, name }, "email");
  }

  /** An invalid or expired token counts as no token. One that only joins is refused, because the caller would become another player. */
  async #sessionOf(token: string | null): Promise<Session | null> {
    if (token === null) return null;
    return this.#o.sessions.authenticate(token).catch((error) => {
      if (error instanceof TokenError && error.refusal !== "TOKEN_JOIN_ONLY") return null;
      throw error;
    });
  }

  async #signedIn(of: NewSession, method: PlayerMessage["method"]): Promise<SignedIn> {
    const signedIn = await this.#withToken(of);
    this.#record(of.playerId, method);
    return signedIn;
  }

  #record(player: string, method: PlayerMessage["method"]): void {
    this.#o.recordPlayer({ v: 1, at: this.#now(), kind: "signed_in", player, method });
  }

  async #withToken(of: NewSession): Promise<SignedIn> {
    const { playerId, kind, version } = of;
    const token = await this.#o.tokens.sign({ playerId, kind, version });
    return { token, user: userOf(of) };
  }
}

const userOf = ({ playerId, name, kind }: Pick<Session, "playerId" | "kind" | "name">): SignedIn["user"] => ({
  ...{ id: playerId, name, anonymous: kind === "anonymous" },
});

/** Throws `BANNED` if the player is banned, and otherwise returns the session. */
export function refuseBanned(session: Session): Session {
  if (session.bannedUntil !== null)
    throw new IdentityError("BANNED", session.banReason ?? "BANNED", session.bannedUntil);
  return session;
}
