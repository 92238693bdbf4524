/**
 * Finds the player of a token, and checks the token against the player's row. Rows are cached for a few seconds, so a log-out
 * or ban by another process takes effect here within that time.
 *
 * While the database is unavailable, the last known row counts; for an unknown player the signature alone is enough. So players
 * can continue to play, unrated. Meanwhile, a studio's token is refused if this process does not know its player.
 */
import { randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isUnavailable } from "../../platform/sql/DatabaseUnavailable.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { TokenError, type Tokens, type TokenUse } from "../auth/Tokens.ts";
import { addPlayerEvent } from "../database/playerEvents.ts";
import {
  addIdentity,
  ensureAnonymous,
  findByIdentity,
  findPlayer,
  noteSeen,
  type Player,
} from "../database/players.ts";
import type { KnownPlayer } from "./Admission.ts";
import { IdentityError } from "./IdentityError.ts";
import type { StudioSubject, StudioTokens } from "./StudioTokens.ts";

export interface Session extends KnownPlayer {
  readonly name: string | null;
  /** Null if the player is not banned now. */
  readonly bannedUntil: Date | null;
  readonly banReason: string | null;
  /** False if the database is unavailable and the player is not cached. */
  readonly stored: boolean;
}

interface SessionsOptions {
  readonly sql: Sql;
  readonly tokens: Tokens;
  /** One for each issuer. */
  readonly studioTokens: readonly StudioTokens[];
  /** Unix ms. */
  readonly now?: () => number;
  /** A clock in ms that is never set back, for the age of cached rows. */
  readonly monotonicMs?: () => number;
}

/** How long a cached row is used without reading it again. */
export const FRESH_MS = 5_000;
const DAY_MS = 86_400_000;
const CACHED_MAX = 50_000;
/** Prefix of the names of callers with a studio's token. */
const STUDIO = "studio:";

interface CachedPlayer {
  readonly player: Player;
  /** On the monotonic clock. */
  readonly readAt: number;
}

export class Sessions {
  readonly #sql: Sql;
  readonly #tokens: Tokens;
  readonly #studioTokens: readonly StudioTokens[];
  readonly #now: () => number;
  readonly #monotonicMs: () => number;
  readonly #players = new LRUCache<string, CachedPlayer>({ max: CACHED_MAX });
  readonly #studioIds = new LRUCache<string, string>({ max: CACHED_MAX });

  constructor(options: SessionsOptions) {
    const { sql, tokens, studioTokens, now = Date.now, monotonicMs = () => performance.now() } = options;
    this.#sql = sql;
    this.#tokens = tokens;
    this.#studioTokens = studioTokens;
    this.#now = now;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Banned players have sessions too: the caller decides what to refuse. Throws `TokenError`, or `IdentityError`
   * (`IDENTITY_UNAVAILABLE`).
   */
  async authenticate(token: string | null | undefined, purpose: TokenUse = "all"): Promise<Session> {
    const studioTokens = token && this.#studioOf(token);
    if (studioTokens) return this.#studioSession(studioTokens, token);
    const { use, ...subject } = await this.#tokens.verify(token);
    if (use === "join" && purpose !== "join") throw new TokenError("TOKEN_JOIN_ONLY");
    return this.#sessionWith(subject, (player) => player.tokenVersion === subject.version);
  }

  /**
   * The session of a player whose token was checked earlier, so that the token need not be kept. Throws `TokenError` if it was revoked
   * since, other than by the registration of a guest.
   */
  async renew({ playerId, kind, version }: KnownPlayer): Promise<Session> {
    return this.#sessionWith({ playerId, kind, version }, (player) => {
      const isRegistered = kind === "anonymous" && player.kind === "account";
      return player.tokenVersion === version || (isRegistered && player.tokenVersion === version + 1);
    });
  }

  async #sessionWith(subject: KnownPlayer, isValid: (player: Player) => boolean): Promise<Session> {
    const player = await this.#player(subject);
    if (player === "unavailable") return { ...subject, name: null, bannedUntil: null, banReason: null, stored: false };
    if (player === null || player.kind === "deleted" || !isValid(player)) throw new TokenError("TOKEN_REVOKED");
    return this.#sessionOf(player);
  }

  /**
   * Resolves to a name for the player of a token, for counting requests, without a query: the token may be revoked. Resolves to
   * null if the token is invalid or cannot be verified.
   */
  async callerOf(token: string): Promise<string | null> {
    try {
      const studioTokens = this.#studioOf(token);
      if (studioTokens !== undefined) return STUDIO + keyOf(await studioTokens.verify(token));
      return (await this.#tokens.verify(token)).playerId;
    } catch {
      return null;
    }
  }

  /**
   * Resolves to the player of a token, without a query. Resolves to null if the token is invalid, or if this process does not know
   * the player.
   */
  async playerOf(token: string): Promise<string | null> {
    const caller = await this.callerOf(token);
    return caller?.startsWith(STUDIO) ? (this.#studioIds.get(caller.slice(STUDIO.length)) ?? null) : caller;
  }

  /** Drops the cached row. Call this after the player's row has changed. */
  forget(playerId: string): void {
    this.#players.delete(playerId);
  }

  #studioOf(token: string): StudioTokens | undefined {
    return this.#studioTokens.find((studioTokens) => studioTokens.isFromIssuer(token));
  }

  async #studioSession(studioTokens: StudioTokens, token: string): Promise<Session> {
    const subject = await studioTokens.verify(token).catch((error) => {
      throw error instanceof TokenError ? error : new IdentityError("IDENTITY_UNAVAILABLE");
    });
    const playerId = await this.#studioPlayerId(subject);
    const player = await this.#player({ playerId });
    if (player === "unavailable") throw new IdentityError("IDENTITY_UNAVAILABLE");
    if (player === null || player.kind === "deleted") {
      // The player was deleted. The next request with such a token creates a new player.
      this.#studioIds.delete(keyOf(subject));
      throw new TokenError("TOKEN_REVOKED");
    }
    if (player.tokensValidFrom !== null && subject.issuedAt < player.tokensValidFrom.getTime())
      throw new TokenError("TOKEN_REVOKED");
    return this.#sessionOf(player);
  }

  async #studioPlayerId(of: StudioSubject): Promise<string> {
    const { issuer, subject } = of;
    const known = this.#studioIds.get(keyOf(of));
    if (known !== undefined) return known;
    try {
      const found = await findByIdentity(this.#sql, issuer, subject);
      const id = found?.id ?? (await this.#addStudioPlayer(issuer, subject));
      this.#studioIds.set(keyOf(of), id);
      return id;
    } catch (error) {
      throw isUnavailable(error) ? new IdentityError("IDENTITY_UNAVAILABLE") : error;
    }
  }

  async #addStudioPlayer(issuer: string, subject: string): Promise<string> {
    const id = randomUUID();
    const conflict = new Error("another request has added this identity");
    try {
      await this.#sql.transaction(async (tx) => {
        if (!(await addIdentity(tx, id, { provider: issuer, subject, passwordHash: null }))) throw conflict;
        await addPlayerEvent(tx, { kind: "registered", player: id, method: "studio", upgraded: false });
      });
      return id;
    } catch (error) {
      if (error !== conflict) throw error;
      return (await findByIdentity(this.#sql, issuer, subject))!.id;
    }
  }

  /**
   * Adds the missing row of an anonymous player, who may have signed in while the database was unavailable. A row that is older than
   * `version` is read again, because another process has just raised the version.
   */
  async #player({ playerId: id, kind, version = 0 }: Partial<KnownPlayer> & { readonly playerId: string }) {
    const cached = this.#players.get(id);
    const isFresh = cached !== undefined && this.#monotonicMs() - cached.readAt < FRESH_MS;
    if (isFresh && cached.player.tokenVersion >= version) return cached.player;
    try {
      const readAt = this.#monotonicMs();
      let player = await findPlayer(this.#sql, id);
      if (player === null && kind === "anonymous") {
        await ensureAnonymous(this.#sql, id);
        player = await findPlayer(this.#sql, id);
      }
      if (player !== null) this.#players.set(id, { player, readAt });
      if (player?.kind === "anonymous" && this.#now() - player.seenAt.getTime() > DAY_MS) await this.#noteSeen(id);
      return player;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return cached?.player ?? ("unavailable" as const);
    }
  }

  /** A read-only database must not keep the player from playing. */
  async #noteSeen(id: string): Promise<void> {
    await noteSeen(this.#sql, id).catch((error) => {
      if (!isUnavailable(error)) throw error;
    });
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

/** Different issuers may use the same subject for different players. */
const keyOf = ({ issuer, subject }: StudioSubject): string => JSON.stringify([issuer, subject]);
