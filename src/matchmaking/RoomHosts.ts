/**
 * Owns on which process a room is made: of those that play the rules asked for, the one with the fewest rooms. Each process that
 * hosts rooms says in the shared presence which rules it plays, so that old and new run beside each other.
 */
import { matchMaker } from "@colyseus/core";
import { RoomCounts } from "./RoomCounts.ts";

/** Hash by process id: versions of the rules by name of the room, as JSON. */
const KEY = "rulesversions";

export class RoomHosts {
  readonly #versions: Readonly<Record<string, string>>;
  readonly #counts = new RoomCounts();

  /** Versions of the rules that this process plays, by the name of the room. */
  constructor(versions: Readonly<Record<string, string>>) {
    this.#versions = versions;
  }

  /** To be called once the framework knows its process id, and whenever the presence has lost what it was told. */
  async announce(): Promise<void> {
    await matchMaker.presence.hset(KEY, matchMaker.processId, JSON.stringify(this.#versions));
  }

  /** Of this process where it stops, or of one that has died. */
  async withdraw(processId: string = matchMaker.processId): Promise<void> {
    await matchMaker.presence.hdel(KEY, processId);
  }

  /** The framework's question. Rejects where no process plays those rules. */
  readonly select = async (name: string, { rulesVersion }: { rulesVersion?: string } = {}): Promise<string> => {
    const [processes, told] = await Promise.all([
      matchMaker.stats.fetchAll(),
      matchMaker.presence.hgetall(KEY) as Promise<Record<string, string>>,
    ]);
    const plays = ({ processId }: { processId: string }) => {
      const versions = told[processId] === undefined ? {} : JSON.parse(told[processId]);
      return Object.hasOwn(versions, name) && (rulesVersion === undefined || versions[name] === rulesVersion);
    };
    // What a process counts of itself reaches the others a moment after its start; it need not wait for that itself.
    const { processId, stats } = matchMaker;
    const listed = processes.some((each) => each.processId === processId);
    const all = listed ? processes : [...processes, { processId, ...stats.local }];
    const [host] = this.#counts.byFewest(all.filter(plays));
    if (host === undefined) throw new Error(`no process hosts ${name} by rules ${rulesVersion ?? "of any version"}`);
    this.#counts.gave(host.processId);
    return host.processId;
  };
}
