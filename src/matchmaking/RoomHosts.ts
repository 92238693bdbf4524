/**
 * Chooses the process on which a room is created: of those that have the requested rules version, the one with the fewest rooms.
 * Each process announces its versions in the shared presence, so that old and new versions can run side by side.
 */
import { matchMaker } from "@colyseus/core";
import { RoomCounts } from "./roomDriver/RoomCounts.ts";

/** A Redis hash. Its fields are process ids; its values are rules versions by room name, as JSON. */
const KEY = "rulesversions";
/**
 * If a process does not answer within 2 s, other processes withdraw its announcement without notifying it. So each process
 * repeats its announcement at this interval, and a live process gets rooms again after at most this long.
 */
const ANNOUNCE_EVERY_MS = 1000;

export class RoomHosts {
  readonly #versions: Readonly<Record<string, string>>;
  readonly #counts = new RoomCounts();
  #timer: NodeJS.Timeout | undefined;
  #announcing: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `versions`: the rules versions of this process, by room name. */
  constructor(versions: Readonly<Record<string, string>>) {
    this.#versions = versions;
  }

  /** Announces now and every second. Call it only once the framework knows its process id. */
  async start(): Promise<void> {
    // When Redis is unavailable, the heartbeat of the queue logs the problem.
    await this.announce().catch(() => {});
    this.#timer = setInterval(() => void this.announce().catch(() => {}), ANNOUNCE_EVERY_MS);
  }

  /** Announces this process. Call it when the presence has lost its data. Does nothing after `stop`. */
  async announce(): Promise<void> {
    if (this.#stopped) return;
    const announced = this.#announce();
    this.#announcing = announced.catch(() => {});
    await announced;
  }

  /** From now on no room is created on this process. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#announcing;
    await this.withdraw(matchMaker.processId);
  }

  /** Removes the announcement of a process that has died. */
  async withdraw(processId: string): Promise<void> {
    await matchMaker.presence.hdel(KEY, processId);
  }

  /** For Colyseus's `selectProcessIdToCreateRoom`. Rejects if no process has the requested rules version. */
  readonly select = async (name: string, { rulesVersion }: { rulesVersion?: string } = {}): Promise<string> => {
    const [processes, announced] = await Promise.all([
      matchMaker.stats.fetchAll(),
      matchMaker.presence.hgetall(KEY) as Promise<Record<string, string>>,
    ]);
    const canHost = ({ processId }: { processId: string }) => {
      const versions = announced[processId] === undefined ? {} : JSON.parse(announced[processId]);
      return Object.hasOwn(versions, name) && (rulesVersion === undefined || versions[name] === rulesVersion);
    };
    // A process appears in the statistics only a moment after its start. This process adds itself, so that it need not wait.
    const { processId, stats } = matchMaker;
    const isListed = processes.some((each) => each.processId === processId);
    const candidates = isListed ? processes : [...processes, { processId, ...stats.local }];
    const [host] = this.#counts.byFewest(candidates.filter(canHost));
    if (host === undefined)
      throw new Error(
        `no process hosts rooms "${name}" with ${rulesVersion === undefined ? "any rules" : `rules version ${rulesVersion}`}`,
      );
    this.#counts.addRoom(host.processId);
    return host.processId;
  };

  async #announce(): Promise<void> {
    const { presence, processId, stats } = matchMaker;
    await Promise.all([presence.hset(KEY, processId, JSON.stringify(this.#versions)), stats.persist(true)]);
  }
}
