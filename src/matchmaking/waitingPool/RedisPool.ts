/**
 * The pool in Redis. Each operation that writes is one script, and all keys have the same hash tag, as Redis Cluster requires.
 */
import type { Redis } from "ioredis";
import type { Game } from "../../game/Game.ts";
import type { Gone, QueueFigures, QueueKey } from "../RankedQueue.ts";
import {
  type Confirmed,
  type Dissolved,
  type Dropped,
  type Ended,
  type Entered,
  type Entry,
  type EntryState,
  type EntryStatus,
  type FoundMatch,
  type Lease,
  LeaseLost,
  type Left,
  type NewEntry,
  type News,
  type Pool,
  poolName,
} from "./Pool.ts";
import * as entryScripts from "./poolEntryScripts.ts";
import * as pairingScripts from "./poolPairingScripts.ts";

/** What this process remembers of a pool that it pairs, between two calls of `waiting`. */
interface PoolUpkeep {
  /** Index of the first entry to mend next. */
  next: number;
  /** Whether the stored number of waiting players was wrong at the last call. */
  isSizeWrong: boolean;
}

/** The entry as it was given (JSON), time of entering, holder, recent opponents (comma-separated). */
type RawEntry = [string, string, string, string];
/** Found id (see `poolCore.ts`), match (JSON or empty), reason, players who had not confirmed (comma-separated), dropped entries. */
type RawDissolved = [string, string, Dropped, string, ...RawEntry[]];

const SCRIPTS = {
  enter: entryScripts.ENTER_SCRIPT,
  leave: entryScripts.LEAVE_SCRIPT,
  confirm: entryScripts.CONFIRM_SCRIPT,
  status: entryScripts.STATUS_SCRIPT,
  registerHolder: entryScripts.REGISTER_HOLDER_SCRIPT,
  heartbeat: entryScripts.HEARTBEAT_SCRIPT,
  reconcile: entryScripts.RECONCILE_SCRIPT,
  mend: entryScripts.MEND_SCRIPT,
  recount: entryScripts.RECOUNT_SCRIPT,
  endHolder: entryScripts.END_HOLDER_SCRIPT,
  silentProcesses: entryScripts.SILENT_PROCESSES_SCRIPT,
  dissolveMatchesOn: entryScripts.DISSOLVE_MATCHES_ON_SCRIPT,
  lease: pairingScripts.LEASE_SCRIPT,
  release: pairingScripts.RELEASE_SCRIPT,
  claim: pairingScripts.CLAIM_SCRIPT,
  seat: pairingScripts.SEAT_SCRIPT,
  unclaim: pairingScripts.UNCLAIM_SCRIPT,
  sweep: pairingScripts.SWEEP_SCRIPT,
} as const;

/** Maximum number of entries per read. */
const READ_COUNT = 2000;
/** Maximum number of waiting entries that one call of `waiting` mends. The next call continues with the next entries. */
const MEND_COUNT = 50;

export class RedisPool implements Pool {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #rulesVersion: string;
  readonly #now: (() => number) | undefined;
  /** Waiting entries already read. Their content never changes, so each is read only once. */
  readonly #known = new Map<string, Entry>();
  readonly #upkeep = new Map<string, PoolUpkeep>();

  /**
   * The caller closes the connection. `namespace` may be empty. Leases and pairing apply only to the rules version of this
   * process; processes with other versions pair their own entries. `now`: Unix ms; by default the clock of Redis.
   */
  constructor(redis: Redis, namespace: string, game: Pick<Game, "name" | "rules">, now?: () => number) {
    for (const [name, lua] of Object.entries(SCRIPTS)) redis.defineCommand(`pool_${name}`, { numberOfKeys: 1, lua });
    this.#redis = redis;
    this.#prefix = `${namespace}{pool:${game.name}}:`;
    this.#rulesVersion = game.rules.version;
    this.#now = now;
  }

  async enter({ enteredAt, ...entry }: NewEntry): Promise<Entered> {
    const { id, holder } = entry;
    const raw = await this.#run<[number, RawEntry | string, string]>(
      "enter",
      id,
      JSON.stringify(entry),
      holder,
      enteredAt ?? "",
    );
    if (raw[0] === 1) return { entry: entryOf(raw[1] as RawEntry), conflict: null };
    return { entry: null, conflict: { entryId: raw[1] as string, playerId: raw[2] } };
  }

  async leave(entryId: string, which: "confirmed too" | "" = ""): Promise<Left> {
    const [how, entry, dissolved] = await this.#run<[Left["how"], RawEntry, RawDissolved]>("leave", entryId, which);
    if (how === "cancelled") return { how, entry: entryOf(entry) };
    if (how === "declined") return { how, entry: entryOf(entry), dissolved: dissolvedOf(dissolved) };
    return { how };
  }

  async confirm(foundId: string, playerId: string): Promise<Confirmed> {
    const [how, entry, match] = await this.#run<[Confirmed["how"], RawEntry, string]>("confirm", foundId, playerId);
    if (how !== "confirmed") return { how };
    return { how, entry: entryOf(entry), matchId: matchOf(match)!.matchId };
  }

  async status(entryId: string): Promise<EntryStatus | Ended | null> {
    const raw = await this.#run<string[]>("status", entryId);
    if (raw[0] === "ended") return endedOf(raw[1]);
    const entry = entryOf(raw[1] as unknown as RawEntry);
    const seatedAt = raw[4] === undefined ? null : Number(raw[4]);
    return {
      state: raw[0] as EntryStatus["state"],
      entry,
      foundId: raw[2] ?? null,
      match: matchOf(raw[3] ?? ""),
      seatedAt,
    };
  }

  entryOf(playerId: string): Promise<string | null> {
    return this.#redis.hget(`${this.#prefix}players`, playerId);
  }

  async now(): Promise<number> {
    if (this.#now !== undefined) return this.#now();
    const [seconds, micros] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  async figures(pool: QueueKey): Promise<QueueFigures> {
    const name = poolName(pool);
    const [waiting, waitMs] = await Promise.all([
      this.#redis.hget(`${this.#prefix}sizes`, name),
      this.#redis.hget(`${this.#prefix}waits`, name),
    ]);
    return { waiting: Number(waiting ?? 0), waitMs: waitMs === null ? null : Number(waitMs) };
  }

  async sizes(): Promise<ReadonlyMap<string, number>> {
    const sizes = await this.#redis.hgetall(`${this.#prefix}sizes`);
    return new Map(Object.entries(sizes).map(([name, size]) => [name, Number(size)]));
  }

  async registerHolder(holder: string, ttlMs: number): Promise<void> {
    await this.#run("registerHolder", holder, ttlMs);
  }

  async heartbeat(holder: string, seq: number, ttlMs: number): Promise<readonly News[] | null> {
    const raw = await this.#run<string[] | null>("heartbeat", holder, ttlMs, seq);
    return raw === null ? null : raw.map((news) => JSON.parse(news));
  }

  async reconcile(holder: string, seq: number, entryIds: readonly string[]): Promise<readonly EntryState[] | null> {
    const raw = await this.#run<string[] | null>("reconcile", holder, seq, ...entryIds);
    return (
      raw?.map((text, index) => {
        const [state, foundId = null] = text.split("|");
        return { entryId: entryIds[index], state: state as EntryState["state"], foundId };
      }) ?? null
    );
  }

  async endHolder(holder: string): Promise<void> {
    await this.#run("endHolder", holder);
  }

  silentProcesses(ms: number): Promise<readonly string[]> {
    return this.#run<string[]>("silentProcesses", ms);
  }

  async dissolveMatchesOn(processId: string): Promise<readonly Dissolved[]> {
    return (await this.#run<RawDissolved[]>("dissolveMatchesOn", processId)).map(dissolvedOf);
  }

  async lease(mode: string, owner: string): Promise<Lease | null> {
    const token = await this.#run<string | null>("lease", this.#modeKey(mode), owner);
    return token === null ? null : { mode, owner, token: Number(token) };
  }

  async hasPairingProcess(mode: string): Promise<boolean> {
    const until = await this.#redis.hget(`${this.#prefix}lease:${this.#modeKey(mode)}`, "until");
    return Number(until ?? 0) > (await this.now());
  }

  async release({ mode, token }: Lease): Promise<void> {
    await this.#run("release", this.#modeKey(mode), token);
  }

  async waiting(mode: string): Promise<{ now: number; pools: Map<string, Entry[]> }> {
    // Read before the entries, so that every entry that entered by then is among them.
    const now = await this.now();
    const [listed, sizes] = await Promise.all([
      this.#redis.smembers(`${this.#prefix}pools:${this.#modeKey(mode)}`),
      this.sizes(),
    ]);
    // Either list of pools may have been deleted.
    const names = new Set([...listed, ...[...sizes.keys()].filter((name) => this.#isPoolOf(name, mode))]);
    const pools = new Map<string, Entry[]>();
    const waitingIds = new Set<string>();
    for (const name of [...names].sort()) {
      const ids = await this.#redis.zrange(`${this.#prefix}waiting:${name}`, 0, -1);
      for (const id of ids) waitingIds.add(id);
      await this.#read(ids.filter((id) => !this.#known.has(id)));
      const entries = ids.flatMap((id) => this.#known.get(id) ?? []);
      await this.#keepUp(mode, name, ids, sizes.get(name) ?? 0);
      pools.set(name, entries);
    }
    for (const [id, entry] of this.#known) if (entry.mode === mode && !waitingIds.has(id)) this.#known.delete(id);
    return { now, pools };
  }

  /**
   * Mends the entries that could not be read, and the next of the others. Counts the players again if the stored number is wrong.
   */
  async #keepUp(mode: string, name: string, ids: readonly string[], storedSize: number): Promise<void> {
    const upkeep = this.#upkeep.get(name) ?? { next: 0, isSizeWrong: false };
    this.#upkeep.set(name, upkeep);
    const unreadable = ids.filter((id) => !this.#known.has(id));
    const turn = ids.slice(upkeep.next, upkeep.next + MEND_COUNT);
    upkeep.next = upkeep.next + MEND_COUNT < ids.length ? upkeep.next + MEND_COUNT : 0;
    const mended = [...new Set([...unreadable.slice(0, READ_COUNT), ...turn])];
    if (mended.length > 0) await this.#run("mend", name, ...mended);
    const size = ids.reduce((sum, id) => sum + (this.#known.get(id)?.players.length ?? 0), 0);
    // The entries and the number were not read at the same moment, so one difference proves nothing.
    const isSizeWrong = size !== storedSize;
    if (isSizeWrong && upkeep.isSizeWrong) await this.#run("recount", name, this.#modeKey(mode));
    upkeep.isSizeWrong = isSizeWrong;
    if (ids.length === 0 && !isSizeWrong) this.#upkeep.delete(name);
  }

  #isPoolOf(name: string, mode: string): boolean {
    const [poolMode, , , version] = name.split("|");
    return poolMode === mode && version === this.#rulesVersion;
  }

  async claim(lease: Lease, foundId: string, entryIds: readonly string[]): Promise<boolean> {
    return (await this.#withLease<number>(lease, "claim", foundId, ...entryIds)) === 1;
  }

  async seat(lease: Lease, foundId: string, match: FoundMatch): Promise<boolean> {
    return (await this.#withLease<number>(lease, "seat", foundId, JSON.stringify(match))) === 1;
  }

  async unclaim(lease: Lease, foundId: string): Promise<void> {
    await this.#withLease(lease, "unclaim", foundId);
  }

  async sweep(lease: Lease): Promise<{ dissolved: Dissolved[]; lost: Entry[] }> {
    const [dissolved, lost] = await this.#withLease<[RawDissolved[], RawEntry[]]>(lease, "sweep");
    return { dissolved: dissolved.map(dissolvedOf), lost: lost.map(entryOf) };
  }

  async #withLease<T>(lease: Lease, name: keyof typeof SCRIPTS, ...args: (string | number)[]): Promise<T> {
    try {
      return await this.#run<T>(name, this.#modeKey(lease.mode), lease.token, ...args);
    } catch (error) {
      if ((error as Error).message.includes("LEASE_LOST")) throw new LeaseLost(lease);
      throw error;
    }
  }

  /** Returns the mode key (see `poolCore.ts`) of a mode and the rules version of this process. */
  #modeKey(mode: string): string {
    return `${mode}|${this.#rulesVersion}`;
  }

  #run<T>(name: keyof typeof SCRIPTS, ...args: (string | number)[]): Promise<T> {
    const scripted = this.#redis as unknown as Record<string, (...args: (string | number)[]) => Promise<T>>;
    return scripted[`pool_${name}`](this.#prefix, this.#now?.() ?? "", ...args);
  }

  async #read(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += READ_COUNT) {
      const chunk = ids.slice(from, from + READ_COUNT);
      const hashes = ["entries", "entered", "holderOf", "recents"];
      const parts = await Promise.all(hashes.map((hash) => this.#redis.hmget(`${this.#prefix}${hash}`, ...chunk)));
      for (const [index, id] of chunk.entries()) {
        const raw = parts.map((part) => part[index]);
        // The entry may have been removed since its id was read.
        if (raw.every((part) => part !== null)) this.#known.set(id, entryOf(raw as RawEntry));
      }
    }
  }
}

function entryOf([given, entered, holder, recents]: RawEntry): Entry {
  const recent = recents === "" ? [] : recents.split(",");
  return { ...JSON.parse(given), enteredAt: Number(entered), holder, recent };
}

function endedOf(text: string): Ended | null {
  if (text === "") return null;
  const [how, readers = ""] = text.split("|");
  return { state: "ended", how: how as Gone, readers: readers === "" ? [] : readers.split(",") };
}

const matchOf = (text: string): FoundMatch | null => (text === "" ? null : JSON.parse(text));

function dissolvedOf([foundId, match, why, missing, ...dropped]: RawDissolved): Dissolved {
  return {
    ...{ foundId, match: matchOf(match), why, dropped: dropped.map(entryOf) },
    missing: missing === "" ? [] : missing.split(","),
  };
}
