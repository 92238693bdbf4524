/**
 * Seats many simultaneous joins in batches. Without this file, Colyseus offers the same last seat to all of them. The clients
 * that do not get the seat wait, sometimes for seconds, until Colyseus searches again. Here, the authenticated joins of this
 * process for the same kind of match form one queue. Each search for a room seats as many of them as the room has free seats.
 * A player who already has a seat gets that one.
 */
import { type AuthContext, ErrorCode, matchMaker, ServerError, type Room as ServerRoom } from "@colyseus/core";
import type { AdmittedOptions } from "../../../schema/joinOptions.ts";
import {
  interceptMatchmaking,
  type MatchmakingOptions as Options,
} from "../../platform/adapters/colyseus/interceptMatchmaking.ts";

type Room = Awaited<ReturnType<typeof matchMaker.findOneRoomAvailable>>;
type Seat = Awaited<ReturnType<typeof matchMaker.joinOrCreate>>;

interface PendingJoin {
  readonly options: Options;
  readonly context: AuthContext;
  readonly auth: unknown;
  /** How often another join had already taken the seat that was found for this one. */
  missed: number;
  readonly seat: PromiseWithResolvers<Seat>;
}

/** A join that has lost this many seats to joins of other processes is left to the framework. */
const MISSED_MAX = 5;

interface OtherPlaces {
  /** Reserves the seat that the player already has in a room; null if the player has lost it. */
  readonly reserveReturn: (roomId: string, playerId: string) => Promise<Seat | null>;
  /** Reserves a place to watch the match of a room. Rejects with a refusal. */
  readonly reserveSpectator: (
    roomId: string,
    options: AdmittedOptions,
    player: { readonly playerId: string },
  ) => Promise<Seat>;
}

/**
 * Takes over `joinOrCreate`, `join` and `joinById` for the rooms of these names. Returns a function that stops this. It patches the
 * framework's only controller, so it applies to the whole process. `stepDueTicks` is called before an authenticated join continues,
 * so that due ticks are stepped first. If `onAuth` has set the option `returnTo`, the seat comes from `reserveReturn`; with the option
 * `spectate`, from `reserveSpectator`.
 */
export function batchJoins(
  names: readonly string[],
  stepDueTicks: () => void,
  { reserveReturn, reserveSpectator }: OtherPlaces,
): () => void {
  const pending = new PendingJoins();

  async function join(method: "joinOrCreate" | "join", roomName: string, options: Options, context: AuthContext) {
    const auth = await authenticate(roomName, options, context);
    stepDueTicks();
    const own = await reserveOwn(options, auth);
    if (own !== null) return own;
    if (method === "join") return matchMaker.join(roomName, options, context);
    return pending.add(roomName, { options, context, auth, missed: 0, seat: Promise.withResolvers() });
  }

  /** Authenticates first, because the framework refuses a full room before it knows the player. */
  async function joinById(roomId: string, options: Options, context: AuthContext): Promise<Seat> {
    const listing = await matchMaker.getRoomById(roomId);
    if (listing !== undefined && names.includes(listing.name)) {
      const auth = (await authenticate(listing.name, options, context)) as { playerId: string };
      const admitted = options as unknown as AdmittedOptions;
      if (admitted.spectate === true) return reserveSpectator(roomId, admitted, auth);
      const own = await reserveOwn(options, auth);
      if (own !== null) return own;
    }
    return matchMaker.joinById(roomId, options, context);
  }

  async function reserveOwn(options: Options, auth: unknown): Promise<Seat | null> {
    const { returnTo } = options as Partial<AdmittedOptions>;
    if (returnTo === undefined) return null;
    delete options.returnTo;
    return reserveReturn(returnTo, (auth as { playerId: string }).playerId);
  }

  return interceptMatchmaking((method, target, options, context) => {
    if (context === undefined) return null;
    if (method === "joinById") return withCode(joinById(target, options, context));
    if ((method !== "joinOrCreate" && method !== "join") || !names.includes(target)) return null;
    return withCode(join(method, target, options, context));
  });
}

function authenticate(roomName: string, options: Options, context: AuthContext): Promise<unknown> {
  const { onAuth } = matchMaker.getRoomClass(roomName) as typeof ServerRoom;
  return onAuth(context.token!, options, context) as Promise<unknown>;
}

/** Gives every error a code, as the framework does. */
function withCode(join: Promise<Seat>): Promise<Seat> {
  return join.catch(({ code, message }) => {
    throw new ServerError(code || ErrorCode.MATCHMAKE_UNHANDLED, message);
  });
}

/** One queue of joins for each room name and set of filter options. */
class PendingJoins {
  readonly #queues = new Map<string, PendingJoin[]>();

  add(roomName: string, join: PendingJoin): Promise<Seat> {
    const key = JSON.stringify([roomName, matchMaker.getHandler(roomName).getFilterOptions(join.options)]);
    const queue = this.#queues.get(key);
    if (queue === undefined) void this.#seatAll(roomName, key, [join]);
    else queue.push(join);
    return join.seat.promise;
  }

  async #seatAll(roomName: string, key: string, queue: PendingJoin[]): Promise<void> {
    this.#queues.set(key, queue);
    while (queue.length > 0) await seatBatch(roomName, queue);
    this.#queues.delete(key);
  }
}

/**
 * Searches for one room, and takes as many joins from the front of the queue as the room has free seats, but at least one. Joins
 * whose seat was already taken return to the front.
 */
async function seatBatch(roomName: string, queue: PendingJoin[]): Promise<void> {
  const [first] = queue;
  try {
    const room = await matchMaker.findOneRoomAvailable(roomName, first.options);
    if (room === undefined) {
      queue.shift();
      // Awaited, so that the next joins find the room that this one creates.
      await leaveToFramework(roomName, first);
      return;
    }
    const batch = queue.splice(0, Math.max(1, room.maxClients - room.clients));
    const seated = await Promise.all(batch.map((join) => reserveSeat(room, join)));
    const missed = batch.filter((_, at) => !seated[at]);
    for (const join of missed) join.missed++;
    queue.unshift(...missed.filter((join) => join.missed < MISSED_MAX));
    // Not awaited: the framework may retry for seconds, and the other joins must not wait for that.
    for (const join of missed) if (join.missed >= MISSED_MAX) void leaveToFramework(roomName, join);
  } catch (error) {
    if (queue[0] === first) queue.shift();
    first.seat.reject(error);
  }
}

/** Resolves to false if the room is now full or no longer exists. */
async function reserveSeat(room: Room, { options, auth, seat }: PendingJoin): Promise<boolean> {
  try {
    seat.resolve(await matchMaker.reserveSeatFor(room, options, auth));
    return true;
  } catch {
    return false;
  }
}

/** Uses the framework's own `joinOrCreate`. It also ensures that several processes together create only one room. */
function leaveToFramework(roomName: string, { options, context, seat }: PendingJoin): Promise<Seat> {
  seat.resolve(matchMaker.joinOrCreate(roomName, options, context));
  return seat.promise;
}
