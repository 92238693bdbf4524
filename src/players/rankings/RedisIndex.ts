/**
 * The ranking index in Redis, shared by all processes: a sorted set and a hash per ladder and season. Every step is one Lua
 * script, so it is atomic.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { isProvisional } from "../rating/Rating.ts";
import {
  type Board,
  BuildLost,
  type IndexRead,
  type IndexVersion,
  type RankingBuild,
  type RankingChange,
  type RankingIndex,
  type RankingPage,
} from "./RankingIndex.ts";
import * as scripts from "./scripts.ts";

/**
 * Watermark, total, position of the first entry, ids and ratings alternating, rows. Only the first two if the player is not on
 * the board.
 */
type RawPage = [string, number, number?, string[]?, string[]?];

interface Scripted {
  rankingPage(...args: (string | number)[]): Promise<RawPage | null>;
  rankingAround(...args: (string | number)[]): Promise<RawPage | null>;
  rankingApply(...args: (string | number)[]): Promise<number>;
  rankingWatermark(...args: (string | number)[]): Promise<number>;
  rankingAdd(...args: (string | number)[]): Promise<number>;
  rankingFinish(...args: (string | number)[]): Promise<number>;
  rankingUnlock(...args: (string | number)[]): Promise<null>;
  rankingRenew(...args: (string | number)[]): Promise<null>;
  rankingDiscard(...args: (string | number)[]): Promise<null>;
  rankingExpireFormer(...args: (string | number)[]): Promise<null>;
}

/** If the process of a build dies, its lock and its rows expire after this time. */
const BUILD_EXPIRES_MS = 15_000;
const RENEW_EVERY_MS = BUILD_EXPIRES_MS / 3;
/**
 * How long the index of builds without games in its keys is kept, from the first build of this one on. Until then, processes of such a
 * build can still read and update theirs.
 */
const FORMER_EXPIRES_MS = 3_600_000;
/** Rows per script. Redis serves no other client while a script runs. */
const ROWS_PER_SCRIPT = 500;

export class RedisIndex implements RankingIndex {
  readonly #redis: Redis & Scripted;
  readonly #prefix: string;
  readonly #formerPrefix: string;
  #problem: string | null = null;

  /** `close` does not close the connection, which belongs to the caller. `namespace` may be empty. */
  constructor(redis: Redis, namespace: string) {
    const define = (name: string, numberOfKeys: number, lua: string) =>
      redis.defineCommand(name, { numberOfKeys, lua });
    define("rankingPage", 3, scripts.PAGE_SCRIPT);
    define("rankingAround", 3, scripts.AROUND_SCRIPT);
    define("rankingApply", 3, scripts.APPLY_SCRIPT);
    define("rankingWatermark", 1, scripts.WATERMARK_SCRIPT);
    define("rankingAdd", 3, scripts.ADD_SCRIPT);
    define("rankingFinish", 2, scripts.FINISH_SCRIPT);
    define("rankingUnlock", 1, scripts.UNLOCK_SCRIPT);
    // Without a number of keys, each call passes it.
    redis.defineCommand("rankingRenew", { lua: scripts.RENEW_SCRIPT });
    define("rankingDiscard", 1, scripts.DISCARD_SCRIPT);
    define("rankingExpireFormer", 1, scripts.EXPIRE_FORMER_SCRIPT);
    this.#redis = redis as Redis & Scripted;
    this.#prefix = `${namespace}{ladders}:`;
    this.#formerPrefix = `${namespace}{ranking}:`;
  }

  async version(): Promise<IndexVersion | null> {
    const [generation, build, watermark] = await this.#track(() =>
      this.#redis.hmget(this.#state, "generation", "build", "watermark"),
    );
    if (generation === null || build === null || watermark === null) return null;
    return { generation, build, watermark: BigInt(watermark) };
  }

  async page(generation: string, board: Board, offset: number, limit: number): Promise<IndexRead<RankingPage> | null> {
    const name = nameOf(board);
    const raw = await this.#track(() => this.#redis.rankingPage(...this.#keys(name), generation, name, offset, limit));
    return raw === null ? null : { watermark: BigInt(raw[0]), value: pageOf(raw, offset) };
  }

  async around(
    generation: string,
    board: Board,
    playerId: string,
    radius: number,
  ): Promise<IndexRead<RankingPage | null> | null> {
    const name = nameOf(board);
    const raw = await this.#track(() =>
      this.#redis.rankingAround(...this.#keys(name), generation, name, playerId, radius),
    );
    if (raw === null) return null;
    const found = raw[4] !== undefined && raw[4].length > 0;
    return { watermark: BigInt(raw[0]), value: found ? pageOf(raw, raw[2]!) : null };
  }

  apply(version: IndexVersion, changes: readonly RankingChange[], watermark: bigint): Promise<boolean> {
    return this.#track(async () => {
      const { build, watermark: from } = version;
      let token = "";
      for (const { name, args } of byBoard(changes)) {
        const isFirst = token === "";
        if (isFirst) token = randomUUID();
        const update = [build, name, token, isFirst ? "first" : ""];
        if ((await this.#redis.rankingApply(...this.#keys(name), ...update, ...args)) === 0) return false;
      }
      return (await this.#redis.rankingWatermark(this.#state, build, String(watermark), String(from), token)) === 1;
    });
  }

  async build(generation: string): Promise<RankingBuild | null> {
    const build = randomUUID();
    const lock = `${this.#prefix}lock`;
    const taken = await this.#track(() => this.#redis.set(lock, build, "PX", BUILD_EXPIRES_MS, "NX"));
    if (taken === null) return null;
    return this.#buildUnder(lock, build, generation);
  }

  async discard({ build }: IndexVersion): Promise<void> {
    await this.#track(() => this.#redis.rankingDiscard(this.#state, build));
  }

  problem(): string | null {
    return this.#problem;
  }

  async close(): Promise<void> {}

  #buildUnder(lock: string, build: string, generation: string): RankingBuild {
    const prefix = `${this.#prefix}build:${build}:`;
    const totals = new Map<string, number>();
    const keysOfBoards = () => [...totals.keys()].flatMap((name) => keysOf(prefix, name));
    // Renews all boards, because the first one is complete long before the last one.
    const renewal = setInterval(() => {
      const keys = [lock, ...keysOfBoards()];
      // If this fails, the next renewal or `finish` reports it.
      this.#redis.rankingRenew(keys.length, ...keys, build, BUILD_EXPIRES_MS).catch(() => {});
    }, RENEW_EVERY_MS);
    renewal.unref();
    return {
      add: (changes) =>
        this.#track(async () => {
          for (const { name, args } of byBoard(changes)) {
            const size = await this.#redis.rankingAdd(lock, ...keysOf(prefix, name), build, BUILD_EXPIRES_MS, ...args);
            if (size < 0) throw new BuildLost();
            totals.set(name, size);
          }
        }),
      finish: (watermark) =>
        this.#track(async () => {
          const args = [build, generation, watermark.toString(), this.#prefix, prefix, ...[...totals].flat()];
          const result = await this.#redis.rankingFinish(this.#state, lock, ...args);
          if (result < 0) throw new BuildLost();
          if (result !== 1) return false;
          clearInterval(renewal);
          const former = this.#formerPrefix;
          await this.#redis.rankingExpireFormer(`${former}state`, former, FORMER_EXPIRES_MS);
          return true;
        }),
      abandon: () =>
        this.#track(async () => {
          clearInterval(renewal);
          const keys = keysOfBoards();
          if (keys.length > 0) await this.#redis.unlink(...keys);
          await this.#redis.rankingUnlock(lock, build);
        }),
    };
  }

  get #state(): string {
    return `${this.#prefix}state`;
  }

  #keys(name: string): [string, string, string] {
    return [this.#state, ...keysOf(this.#prefix, name)];
  }

  async #track<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#problem = null;
      return result;
    } catch (error) {
      if (!(error instanceof BuildLost)) this.#problem = `REDIS_URL: ${(error as Error).message.replace(/\s+/g, " ")}`;
      throw error;
    }
  }
}

const nameOf = ({ seasonId, game, mode }: Board): string => `${seasonId}:${game}:${mode}`;

const keysOf = (prefix: string, name: string): [string, string] => [`${prefix}${name}:order`, `${prefix}${name}:rows`];

function* byBoard(changes: readonly RankingChange[]): Generator<{ name: string; args: (string | number)[] }> {
  for (const [name, all] of Map.groupBy(changes, nameOf)) {
    for (let from = 0; from < all.length; from += ROWS_PER_SCRIPT) {
      const args = all
        .slice(from, from + ROWS_PER_SCRIPT)
        .flatMap(({ playerId, rating, revision, listed, games, wins, losses, provisional }) => [
          ...[playerId, rating, revision, listed ? 1 : 0],
          `${games}|${wins}|${losses}|${provisional ? 1 : 0}`,
        ]);
      yield { name, args };
    }
  }
}

function pageOf([, total, , entries = [], packed = []]: RawPage, first: number): RankingPage {
  const rows = packed.map((text, index) => {
    const [, , games, wins, losses, provisional] = text.split("|");
    const playerId = entries[2 * index];
    return {
      playerId,
      rating: Number(entries[2 * index + 1]),
      games: Number(games),
      wins: Number(wins),
      losses: Number(losses),
      // Rows that an earlier version wrote do not contain this field.
      provisional: provisional === undefined ? isProvisional(Number(games)) : provisional === "1",
    };
  });
  return { total, firstRank: first + 1, rows };
}
