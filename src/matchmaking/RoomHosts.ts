/**
 * Chooses the process on which a room is created: of those that have the requested rules version and host the requested region, the
 * one with the fewest rooms. Each process announces its versions and regions in the shared presence, so that processes with
 * different ones can run side by side. Rooms that serve every game, such as those of the queue, need the rules version of the game for
 * which they are created. It also announces whether it refuses new rooms. Such a process is chosen only if there is no
 * other. It then refuses the room and gives the reason.
 */
import { matchMaker } from "@colyseus/core";
import { RoomCounts } from "./roomDriver/RoomCounts.ts";

/**
 * A Redis hash. Its fields are process ids; its values are JSON: rules versions by room name, and the regions of the process under
 * a name that no room has. The version of a room that serves every game is under `NAME:GAME`, and that of the first game under `NAME` too,
 * where earlier builds look for it.
 */
const KEY = "rulesversions";
const REGIONS = "@regions";
/** A Redis hash. Its fields are the ids of processes that refuse new rooms. */
const REFUSING_KEY = "refusingrooms";

type Announcement = Readonly<Record<string, string>> & { readonly [REGIONS]?: readonly string[] };
/**
 * If a process does not answer within 2 s, other processes withdraw its announcement without notifying it. So each process
 * repeats its announcement at this interval, and a live process gets rooms again after at most this long.
 */
const ANNOUNCE_EVERY_MS = 1000;

export interface RoomHostsOptions {
  /** Returns why this process refuses new matches; null if it does not. */
  readonly refusal?: () => string | null;
  /** How many rooms a process may host; no limit if omitted. */
  readonly roomsMax?: number;
}

export class RoomHosts {
  readonly #announcement: Announcement;
  readonly #firstGame: string;
  readonly #refusal: () => string | null;
  readonly #roomsMax: number;
  readonly #counts = new RoomCounts();
  #timer: NodeJS.Timeout | undefined;
  #announcing: Promise<void> = Promise.resolve();
  #stopped = false;

  /**
   * `versions`: the rules versions of this process by game, which is the name of its match rooms. `forEachGame`: the names of the rooms
   * that serve every game. `regions`: the regions whose rooms this process hosts.
   */
  constructor(
    versions: Readonly<Record<string, string>>,
    forEachGame: readonly string[],
    regions: readonly string[],
    { refusal = () => null, roomsMax = Number.POSITIVE_INFINITY }: RoomHostsOptions = {},
  ) {
    const [first] = Object.keys(versions);
    const ofRoom = (name: string) => [
      [name, versions[first]],
      ...Object.entries(versions).map(([game, version]) => [`${name}:${game}`, version]),
    ];
    const shared = Object.fromEntries(forEachGame.flatMap(ofRoom));
    this.#firstGame = first;
    this.#announcement = { ...versions, ...shared, [REGIONS]: regions } as Announcement;
    this.#refusal = refusal;
    this.#roomsMax = roomsMax;
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
    await Promise.all([KEY, REFUSING_KEY].map((key) => matchMaker.presence.hdel(key, processId)));
  }

  /**
   * For Colyseus's `selectProcessIdToCreateRoom`. Rejects if no process has the requested rules version. If none hosts the region
   * and accepts rooms, any process gets the room, because a room that is far away is better than none.
   */
  readonly select = async (
    name: string,
    requested: { game?: string; rulesVersion?: string; region?: string } = {},
  ): Promise<string> => {
    const { game = this.#firstGame, rulesVersion, region } = requested;
    const { presence } = matchMaker;
    const [processes, announced, refusing] = await Promise.all([
      matchMaker.stats.fetchAll(),
      presence.hgetall(KEY) as Promise<Record<string, string>>,
      presence.hgetall(REFUSING_KEY) as Promise<Record<string, string>>,
    ]);
    const isHost = this.#timer !== undefined && !this.#stopped;
    const announcementOf = ({ processId }: { processId: string }): Announcement => {
      // This process knows its own announcement, also before it is repeated to a Redis that has lost its data.
      if (isHost && processId === matchMaker.processId) return this.#announcement;
      return announced[processId] === undefined ? {} : JSON.parse(announced[processId]);
    };
    const canHost = (process: { processId: string }) => {
      const versions = announcementOf(process);
      const names = game === this.#firstGame ? [`${name}:${game}`, name] : [`${name}:${game}`];
      const found = names.find((one) => Object.hasOwn(versions, one));
      return found !== undefined && (rulesVersion === undefined || versions[found] === rulesVersion);
    };
    const isOfRegion = (process: { processId: string }) =>
      region === undefined || announcementOf(process)[REGIONS]?.includes(region);
    // A process appears in the statistics only a moment after its start. This process adds itself, so that it need not wait.
    const { processId, stats } = matchMaker;
    const isListed = processes.some((each) => each.processId === processId);
    const candidates = isListed ? processes : [...processes, { processId, ...stats.local }];
    const accepts = (one: { processId: string; roomCount: number }) =>
      one.roomCount < this.#roomsMax &&
      (one.processId === processId ? this.#refusal() === null : !Object.hasOwn(refusing, one.processId));
    const able = this.#counts.byFewest(candidates.filter(canHost));
    const accepting = able.filter(accepts);
    const host = accepting.find(isOfRegion) ?? accepting[0] ?? able.find(isOfRegion) ?? able[0];
    if (host === undefined)
      throw new Error(
        `NOT_ACCEPTING: no process hosts rooms "${name}" with ${rulesVersion === undefined ? "any rules" : `rules version ${rulesVersion}`} at the moment`,
      );
    this.#counts.addRoom(host.processId);
    return host.processId;
  };

  async #announce(): Promise<void> {
    const { presence, processId, stats } = matchMaker;
    const refuses = this.#refusal() !== null;
    await Promise.all([
      presence.hset(KEY, processId, JSON.stringify(this.#announcement)),
      refuses ? presence.hset(REFUSING_KEY, processId, "1") : presence.hdel(REFUSING_KEY, processId),
      stats.persist(true),
    ]);
  }
}
