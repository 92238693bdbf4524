/**
 * Owns on which process a room is made: of those that play the rules asked for, the one with the fewest rooms. Each process that
 * hosts rooms says in the shared presence which rules it plays, so that old and new run beside each other.
 */
import { matchMaker } from "@colyseus/core";
import { RoomCounts } from "./driver/RoomCounts.ts";

/** Hash by process id: versions of the rules by name of the room, as JSON. */
const KEY = "rulesversions";
/** How long a process that was struck out gets no rooms: others do that, and tell it nothing, when it does not answer within 2 s. */
const EVERY_MS = 1000;

export class RoomHosts {
  readonly #versions: Readonly<Record<string, string>>;
  readonly #counts = new RoomCounts();
  #timer: NodeJS.Timeout | undefined;
  #announcing: Promise<void> = Promise.resolve();
  #stopped = false;

  /** Versions of the rules that this process plays, by the name of the room. */
  constructor(versions: Readonly<Record<string, string>>) {
    this.#versions = versions;
  }

  /** Says it now, and again every second. To be called once the framework knows its process id. */
  async start(): Promise<void> {
    await this.announce();
    // With Redis away others say so.
    this.#timer = setInterval(() => void this.announce().catch(() => {}), EVERY_MS);
  }

  /** Also to be called whenever the presence has lost what it was told. After `stop` it says nothing. */
  async announce(): Promise<void> {
    if (this.#stopped) return;
    const announced = this.#announce();
    this.#announcing = announced.catch(() => {});
    await announced;
  }

  /** Rooms are made here no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#announcing;
    await this.withdraw(matchMaker.processId);
  }

  /** Of a process that has died. */
  async withdraw(processId: string): Promise<void> {
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
    this.#counts.addRoom(host.processId);
    return host.processId;
  };

  async #announce(): Promise<void> {
    const { presence, processId, stats } = matchMaker;
    await Promise.all([presence.hset(KEY, processId, JSON.stringify(this.#versions)), stats.persist(true)]);
  }
}
