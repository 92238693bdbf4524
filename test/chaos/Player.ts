/** A player who plays one match after another with the unmodified SDK, and records what it saw of each. */
import { setTimeout as delay } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";

/** What a client saw of a match. */
export interface SeenMatch {
  readonly matchId: string;
  readonly roomId: string;
  readonly game: string;
  ended: boolean;
  /** Tick of the first and the last state, and the time of its arrival (`performance.now()`, in ms). */
  readonly first: { readonly tick: number; readonly atMs: number };
  last: { tick: number; atMs: number };
}

export interface PlayerOptions {
  url(): string;
  readonly game: string;
  readonly mode: string;
  /** Plays in a match of its own, with bots. */
  readonly alone?: boolean;
  /** Called once for a signed-in client. Default: a new guest. */
  readonly signIn?: () => Promise<Client>;
  /** Stops after this many matches. Default: no limit. */
  readonly matchesMax?: number;
}

const RETRY_MS = 200;
const SEND_EVERY_MS = 30;
const JOIN_TIMEOUT_MS = 5000;

/** A client that is signed in as a new anonymous player. */
export async function guest(url: string): Promise<Client> {
  const client = new Client(url);
  // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
  await new Promise(setImmediate);
  client.auth.token = undefined as never;
  await client.auth.signInAnonymously();
  return client;
}

export class Player {
  readonly matchesSeen: SeenMatch[] = [];
  readonly #options: PlayerOptions;
  #client: Client | null = null;
  #room: Room<any, any> | null = null;
  #stopping = false;
  /** Settles when the last match is over. */
  readonly playing: Promise<void>;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.playing = this.#playOn();
  }

  /** The running match; undefined between two matches. */
  get current(): SeenMatch | undefined {
    return this.#room === null ? undefined : this.matchesSeen.find(({ roomId }) => roomId === this.#room?.roomId);
  }

  /** Leaves immediately. A server that lost Redis meanwhile may never close the connection; then this side closes it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const room = this.#room;
    if (room !== null) await withinMs<unknown>(room.leave(), JOIN_TIMEOUT_MS).catch(() => room.connection.close());
    await this.playing;
  }

  /** Starts no further match. Resolves when the running one has ended. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await this.playing;
  }

  async #playOn(): Promise<void> {
    const { matchesMax = Number.POSITIVE_INFINITY } = this.#options;
    while (!this.#stopping && this.matchesSeen.length < matchesMax) {
      try {
        await this.#playOne();
      } catch {
        await delay(RETRY_MS);
      }
    }
  }

  async #playOne(): Promise<void> {
    const { url, game, mode, alone = false, signIn = () => guest(url()) } = this.#options;
    const client = (this.#client ??= await signIn());
    const joining = alone ? client.create<any>(game, { mode }) : client.joinOrCreate<any>(game, { mode });
    const room: Room<any, any> = await withinMs(joining, JOIN_TIMEOUT_MS).catch((error) => {
      // A match of its own would run on without this player.
      if (alone)
        joining.then(
          (late) => late.leave(),
          () => {},
        );
      throw error;
    });
    this.#room = room;
    room.reconnection.enabled = false;
    room.onMessage("facts" as never, () => {});
    room.onError(() => {});
    const input = room.input();
    let seen: SeenMatch | null = null;
    let sentAtMs = 0;
    const left = new Promise<void>((resolve) => room.onLeave(() => resolve()));
    room.onStateChange((state) => {
      if (seen === null) this.matchesSeen.push((seen = begin(game, room.roomId, state)));
      seen.last = { tick: state.tick, atMs: performance.now() };
      // A burst of states, after a pause of this process, is answered with one input.
      if (performance.now() - sentAtMs >= SEND_EVERY_MS) {
        sentAtMs = performance.now();
        if (game === "arena") fight(input.data, state.tick);
        else run(input.data, state, room.sessionId);
        input.send();
      }
      if (state.phase !== "ended" || seen.ended) return;
      seen.ended = true;
      room.leave().catch(() => {});
    });
    if (this.#stopping) room.leave().catch(() => {});
    await left;
    this.#room = null;
  }
}

function begin(game: string, roomId: string, { matchId, tick }: { matchId: string; tick: number }): SeenMatch {
  const first = { tick, atMs: performance.now() };
  return { matchId, roomId, game, ended: false, first, last: { ...first } };
}

/** Runs in a square and shoots. */
function fight(data: any, tick: number): void {
  const turn = Math.floor(tick / 20) % 4;
  Object.assign(data, { moveX: [127, 0, -127, 0][turn], moveY: [0, 127, 0, -127][turn] });
  Object.assign(data, { aim: (tick * 997) % 65_536, buttons: 3 });
}

/** Chases another player while it is "it", as bots do, so that every match has a catch. Otherwise runs to and fro. */
function run(data: any, { tick, players }: any, sessionId: string): void {
  const me = players.get(sessionId);
  const prey = [...players.values()].find((player) => player !== me);
  if (me?.it && prey !== undefined)
    Object.assign(data, { dx: Math.sign(prey.x - me.x) * 127, dy: Math.sign(prey.y - me.y) * 127 });
  else Object.assign(data, { dx: tick % 40 < 20 ? 100 : -100, dy: 60 });
}

/** A server that dies while it responds may leave a request open forever. */
async function withinMs<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(new Error(`no response within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
