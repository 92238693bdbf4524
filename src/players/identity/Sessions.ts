/**
 * Owns who a token speaks for, now: the token's own word, checked against the person's row. Rows are kept for a few seconds, so
 * that a log-out or ban made by another process counts here at the latest then.
 *
 * With the store away, what was known of a person last counts, and of an unknown one the token's signature alone: people go on
 * playing, unrated. Tokens of a studio's issuer need the store when they are first seen.
 */
import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isUnavailable } from "../../platform/sql/problem.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { TokenError, type TokenSubject, type Tokens } from "../auth/Tokens.ts";
import { addIdentity, ensureAnonymous, findByIdentity, findPlayer, type Player } from "../store/players.ts";
import { IdentityError } from "./IdentityError.ts";
import type { StudioSubject, StudioTokens } from "./StudioTokens.ts";

export interface Session extends Required<TokenSubject> {
  readonly name: string | null;
  /** Null where not banned now. */
  readonly bannedUntil: Date | null;
  readonly banReason: string | null;
  /** False where the store is away and nothing was known. */
  readonly stored: boolean;
}

interface SessionsOptions {
  readonly sql: Sql;
  readonly tokens: Tokens;
  readonly studioTokens: StudioTokens | null;
  /** Unix ms. */
  readonly now?: () => number;
}

/** How long a row counts as fresh. */
export const FRESH_MS = 5_000;
const KEPT_MAX = 50_000;

interface Kept {
  readonly player: Player;
  readonly readAt: number;
}

export class Sessions {
  readonly #sql: Sql;
  readonly #tokens: Tokens;
  readonly #studioTokens: StudioTokens | null;
  readonly #now: () => number;
  readonly #players = new LRUCache<string, Kept>({ max: KEPT_MAX });
  readonly #studioIds = new LRUCache<string, string>({ max: KEPT_MAX });

  constructor({ sql, tokens, studioTokens, now = Date.now }: SessionsOptions) {
    this.#sql = sql;
    this.#tokens = tokens;
    this.#studioTokens = studioTokens;
    this.#now = now;
  }

  /** Banned people have sessions too: what they may not do is the caller's to refuse. Throws `TokenError`, `IdentityError`. */
  async authenticate(token: string | null | undefined): Promise<Session> {
    if (token && this.#studioTokens?.isFromIssuer(token)) return this.#studioSession(this.#studioTokens, token);
    const subject = await this.#tokens.verify(token);
    const player = await this.#player(subject.playerId, subject.kind === "anonymous");
    if (player === "unavailable") return { ...subject, name: null, bannedUntil: null, banReason: null, stored: false };
    if (player === null || player.kind === "deleted" || player.tokenVersion !== subject.version)
      throw new TokenError("TOKEN_REVOKED");
    return this.#sessionOf(player);
  }

  /** What is known of the person may have changed. */
  forget(playerId: string): void {
    this.#players.delete(playerId);
  }

  async #studioSession(studioTokens: StudioTokens, token: string): Promise<Session> {
    const subject = await studioTokens.verify(token).catch((error) => {
      throw error instanceof TokenError ? error : new IdentityError("IDENTITY_UNAVAILABLE");
    });
    const playerId = await this.#studioPlayerId(subject);
    const player = await this.#player(playerId, false);
    if (player === "unavailable") throw new IdentityError("IDENTITY_UNAVAILABLE");
    if (player === null || player.kind === "deleted") {
      // The person was deleted, here or elsewhere, and comes back: as somebody new.
      this.#studioIds.delete(subject.subject);
      throw new TokenError("TOKEN_REVOKED");
    }
    if (player.tokensValidFrom !== null && subject.issuedAt < player.tokensValidFrom.getTime())
      throw new TokenError("TOKEN_REVOKED");
    return this.#sessionOf(player);
  }

  async #studioPlayerId({ issuer, subject }: StudioSubject): Promise<string> {
    const known = this.#studioIds.get(subject);
    if (known !== undefined) return known;
    try {
      const found = await findByIdentity(this.#sql, issuer, subject);
      const id = found?.id ?? (await this.#addStudioPlayer(issuer, subject));
      this.#studioIds.set(subject, id);
      return id;
    } catch (error) {
      throw isUnavailable(error) ? new IdentityError("IDENTITY_UNAVAILABLE") : error;
    }
  }

  async #addStudioPlayer(issuer: string, subject: string): Promise<string> {
    const id = randomUUID();
    const taken = new Error("two first requests at once");
    try {
      await this.#sql.transaction(async (tx) => {
        if (!(await addIdentity(tx, id, { provider: issuer, subject, passwordHash: null }))) throw taken;
      });
      return id;
    } catch (error) {
      if (error !== taken) throw error;
      return (await findByIdentity(this.#sql, issuer, subject))!.id;
    }
  }

  /** `make`: an anonymous person signed in while the store was away has no row yet. */
  async #player(id: string, make: boolean): Promise<Player | null | "unavailable"> {
    const kept = this.#players.get(id);
    if (kept !== undefined && this.#now() - kept.readAt < FRESH_MS) return kept.player;
    try {
      const readAt = this.#now();
      let player = await findPlayer(this.#sql, id);
      if (player === null && make) {
        await ensureAnonymous(this.#sql, id);
        player = await findPlayer(this.#sql, id);
      }
      if (player !== null) this.#players.set(id, { player, readAt });
      return player;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return kept?.player ?? "unavailable";
    }
  }

  #sessionOf({ id, kind, name, tokenVersion, bannedUntil, banReason }: Player): Session {
    const banned = bannedUntil !== null && bannedUntil.getTime() > this.#now();
    return {
      playerId: id,
      kind: kind === "account" ? "account" : "anonymous",
      version: tokenVersion,
      name,
      bannedUntil: banned ? bannedUntil : null,
      banReason: banned ? banReason : null,
      stored: true,
    };
  }
}
