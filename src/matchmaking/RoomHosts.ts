/**
 * Chooses the process on which a room is created: of those that have the requested rules version and host the requested region, the
 * one with the fewest rooms. Each process announces its versions and regions in the shared presence, so that processes with
 * different ones can run side by side.
 */
import { matchMaker } from "@colyseus/core";
import { RoomCounts } from "./roomDriver/RoomCounts.ts";

/**
 * A Redis hash. Its fields are process ids; its values are JSON: rules versions by room name, and the regions of the process under a
 * name that no room has.
 */
const KEY = "rulesversions";
const REGIONS = "@regions";

type Announcement = Readonly<Record<string, string>> & { readonly [REGIONS]?: readonly string[] };
/**
 * If a process does not answer within 2 s, other processes withdraw its announcement without notifying it. So each process
 * repeats its announcement at this interval, and a live process gets rooms again after at most this long.
 */
const ANNOUNCE_EVERY_MS = 1000;

export class RoomHosts {
  readonly #announcement: object;
  readonly #counts = new RoomCounts();
  #timer: NodeJS.Timeout | undefined;
  #announcing: Promise<void> = Promise.resolve();
  #stopped = false;

  /** `versions`: the rules versions of this process, by room name. `regions`: those whose rooms it hosts. */
  constructor(versions: Readonly<Record<string, string>>, regions: readonly string[]) {
    this.#announcement = { ...versions, [REGIONS]: regions };
  }

  /** Announces now and every second. Call it only once the framework knows its process id. */
  async start(): Promise<void> {
    await this.announce();
    // When Redis is unavailable, the heartbeat of the queue logs the problem.
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

  /**
   * For Colyseus's `selectProcessIdToCreateRoom`. Rejects if no process has the requested rules version. If none hosts the region,
   * any process gets the room, because a room that is far away is better than none.
   */
  readonly select = async (
    name: string,
    requested: { rulesVersion?: string; region?: string } = {},
  ): Promise<string> => {
    const { rulesVersion, region } = requested;
    const [processes, announced] = await Promise.all([
      matchMaker.stats.fetchAll(),
      matchMaker.presence.hgetall(KEY) as Promise<Record<string, string>>,
    ]);
    const announcementOf = ({ processId }: { processId: string }): Announcement =>
      announced[processId] === undefined ? {} : JSON.parse(announced[processId]);
    const canHost = (process: { processId: string }) => {
      const versions = announcementOf(process);
      return Object.hasOwn(versions, name) && (rulesVersion === undefined || versions[name] === rulesVersion);
    };
    const isOfRegion = (process: { processId: string }) =>
      region === undefined || announcementOf(process)[REGIONS]?.includes(region);
    // A process appears in the statistics only a moment after its start. This process adds itself, so that it need not wait.
    const { processId, stats } = matchMaker;
    const isListed = processes.some((each) => each.processId === processId);
    const candidates = isListed ? processes : [...processes, { processId, ...stats.local }];
    const able = candidates.filter(canHost);
    const ofRegion = able.filter(isOfRegion);
    const [host] = this.#counts.byFewest(ofRegion.length > 0 ? ofRegion : able);
    if (host === undefined)
      throw new Error(
        `no process hosts rooms "${name}" with ${rulesVersion === undefined ? "any rules" : `rules version ${rulesVersion}`}`,
      );
    this.#counts.addRoom(host.processId);
    return host.processId;
  };

  async #announce(): Promise<void> {
    const { presence, processId, stats } = matchMaker;
    await Promise.all([presence.hset(KEY, processId, JSON.stringify(this.#announcement)), stats.persist(true)]);
  }
}
