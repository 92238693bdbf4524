/**
 * Finds out, for a process at capacity, whether a request is from a player who has a seat. Such a player may return, because this
 * adds no load. The check must stay cheap whatever clients send. So it queries only the room listings, remembers each result, and
 * checks a limited number of tokens per second.
 */
import { LRUCache } from "lru-cache";
import type { SeatQueries } from "../../matchmaking/roomDriver/roomIndex.ts";

/** As long as refused clients wait before they try again. */
const REMEMBERED_MS = 2000;
const REMEMBERED_MAX = 10_000;
const CHECKS_PER_SECOND = 200;

interface ReturningPlayersOptions {
  /** Resolves to null for a token that is not valid. Makes no query. */
  readonly playerOf: (token: string) => Promise<string | null>;
  readonly listings: SeatQueries;
  /** Monotonic, in ms. */
  readonly now?: () => number;
}

export class ReturningPlayers {
  readonly #options: ReturningPlayersOptions;
  readonly #now: () => number;
  readonly #results: LRUCache<string, Promise<boolean>>;
  #second = 0;
  #checks = 0;

  constructor(options: ReturningPlayersOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const perf = { now: this.#now };
    this.#results = new LRUCache({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS, ttlResolution: 0, perf });
  }

  /**
   * Resolves to whether the player of the token has a seat; to false if too many tokens were checked in this second. Never rejects.
   */
  async has(token: string | null): Promise<boolean> {
    if (token === null) return false;
    const known = this.#results.get(token);
    if (known !== undefined) return known;
    if (!this.#mayCheck()) return false;
    const result = this.#check(token).catch(() => false);
    this.#results.set(token, result);
    return result;
  }

  async #check(token: string): Promise<boolean> {
    const playerId = await this.#options.playerOf(token);
    return playerId !== null && (await this.#options.listings.roomsOf(playerId)).length > 0;
  }

  #mayCheck(): boolean {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#checks = 0;
    this.#second = second;
    return ++this.#checks <= CHECKS_PER_SECOND;
  }
}
