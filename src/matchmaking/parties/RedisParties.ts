/**
 * The store of parties in Redis, which all processes share. Keys after the prefix: `parties` and `holders` (hashes by code: the
 * party as JSON, and the process that has it), `of:PROCESS` (set: codes of a process).
 */
import type { Redis } from "ioredis";
import type { PartySnapshot } from "../../../schema/partySnapshot.ts";
import type { Parties } from "./Parties.ts";

const HOLD = `
local P, code = KEYS[1], ARGV[1]
local holder = redis.call('HGET', P .. 'holders', code)
local function hold(process)
  if holder then redis.call('SREM', P .. 'of:' .. holder, code) end
  redis.call('HSET', P .. 'holders', code, process)
  redis.call('SADD', P .. 'of:' .. process, code)
end
`;

/**
 * ARGV: code, process id, party (JSON), how. If `how` is `create`, writes only if the code is free. Returns 1 if written,
 * otherwise 0.
 */
const WRITE = `${HOLD}
if holder and ARGV[4] == 'create' then return 0 end
redis.call('HSET', P .. 'parties', code, ARGV[3])
hold(ARGV[2])
return 1`;

/** ARGV: code, new process id, old process id. Returns the party, or nil if the old process does not have it. */
const ADOPT = `${HOLD}
if holder ~= ARGV[3] then return nil end
hold(ARGV[2])
return redis.call('HGET', P .. 'parties', code)`;

/** ARGV: code. */
const REMOVE = `${HOLD}
if holder then redis.call('SREM', P .. 'of:' .. holder, code) end
redis.call('HDEL', P .. 'holders', code)
redis.call('HDEL', P .. 'parties', code)`;

interface Scripted {
  partyWrite(prefix: string, code: string, processId: string, party: string, how: string): Promise<number>;
  partyAdopt(prefix: string, code: string, processId: string, from: string): Promise<string | null>;
  partyRemove(prefix: string, code: string): Promise<null>;
}

export class RedisParties implements Parties {
  readonly #redis: Redis & Scripted;
  readonly #prefix: string;

  /** The caller closes the connection. `namespace` may be empty. */
  constructor(redis: Redis, namespace: string) {
    const define = (name: string, lua: string) => redis.defineCommand(name, { numberOfKeys: 1, lua });
    define("partyWrite", WRITE);
    define("partyAdopt", ADOPT);
    define("partyRemove", REMOVE);
    this.#redis = redis as Redis & Scripted;
    this.#prefix = `${namespace}{party}:`;
  }

  async create(party: PartySnapshot): Promise<boolean> {
    return (await this.#write(party, "create")) === 1;
  }

  async save(party: PartySnapshot): Promise<void> {
    await this.#write(party, "save");
  }

  async adopt(code: string, from: string, processId: string): Promise<PartySnapshot | null> {
    const party = await this.#redis.partyAdopt(this.#prefix, code, processId, from);
    return party === null ? null : { ...JSON.parse(party), processId };
  }

  async remove(code: string): Promise<void> {
    await this.#redis.partyRemove(this.#prefix, code);
  }

  heldBy(processId: string): Promise<readonly string[]> {
    return this.#redis.smembers(`${this.#prefix}of:${processId}`);
  }

  #write(party: PartySnapshot, how: "create" | "save"): Promise<number> {
    return this.#redis.partyWrite(this.#prefix, party.code, party.processId, JSON.stringify(party), how);
  }
}
