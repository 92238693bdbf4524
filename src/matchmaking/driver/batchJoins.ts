/**
 * Owns the order in which people who ask for a seat at once are seated. The framework looks for all of them at the same moment, finds all
 * of them the same last seat, and lets those who do not get it wait for up to seconds before it looks again. Here those who ask
 * one process for the same kind of match wait in one line, and each look for a room seats as many as the room has seats for; who
 * they are is found out before, all at once.
 */
import { type AuthContext, ErrorCode, matchMaker, ServerError, type Room as ServerRoom } from "@colyseus/core";
import {
  interceptMatchmaking,
  type MatchmakingOptions as Options,
} from "../../platform/adapters/colyseus/interceptMatchmaking.ts";

type Room = Awaited<ReturnType<typeof matchMaker.findOneRoomAvailable>>;
type Seat = Awaited<ReturnType<typeof matchMaker.joinOrCreate>>;

interface Asker {
  readonly options: Options;
  readonly context: AuthContext;
  readonly auth: unknown;
  /** How often a seat that was found for it was gone. */
  missed: number;
  readonly seat: PromiseWithResolvers<Seat>;
}

/** How often a seat may go to somebody of another process meanwhile, before the framework is asked instead. */
const MISSED_MAX = 5;

/**
 * Takes over `joinOrCreate` of the rooms of these names, until the returned function is called; all else stays the framework's,
 * which has one controller for the whole process. `ticksFirst` is called before work for somebody goes on after it had to wait.
 */
export function batchJoins(names: readonly string[], ticksFirst: () => void): () => void {
  const lines = new Lines();
  const restore = interceptMatchmaking((method, roomName, options, context) => {
    if (method !== "joinOrCreate" || !names.includes(roomName) || context === undefined) return null;
    return joinOrCreate(roomName, options, context).catch(({ code, message }) => {
      throw new ServerError(code || ErrorCode.MATCHMAKE_UNHANDLED, message);
    });
  });
  async function joinOrCreate(roomName: string, options: Options, context: AuthContext): Promise<Seat> {
    const { onAuth } = matchMaker.getRoomClass(roomName) as typeof ServerRoom;
    const auth = await onAuth(context.token!, options, context);
    ticksFirst();
    return lines.ask(roomName, { options, context, auth, missed: 0, seat: Promise.withResolvers() });
  }
  return restore;
}

/** Those who wait for a seat, by what they asked for. */
class Lines {
  readonly #lines = new Map<string, Asker[]>();

  ask(roomName: string, asker: Asker): Promise<Seat> {
    const asked = JSON.stringify([roomName, matchMaker.getHandler(roomName).getFilterOptions(asker.options)]);
    const line = this.#lines.get(asked);
    if (line === undefined) void this.#seatAll(roomName, asked, [asker]);
    else line.push(asker);
    return asker.seat.promise;
  }

  async #seatAll(roomName: string, asked: string, line: Asker[]): Promise<void> {
    this.#lines.set(asked, line);
    while (line.length > 0) await seatSome(roomName, line);
    this.#lines.delete(asked);
  }
}

/** Takes from the front of the line as many as one look for a room seats, at least one; those whose seat was gone go back there. */
async function seatSome(roomName: string, line: Asker[]): Promise<void> {
  const [first] = line;
  try {
    const room = await matchMaker.findOneRoomAvailable(roomName, first.options);
    if (room === undefined) {
      line.shift();
      // The next in the line then find the room that it makes.
      await askFramework(roomName, first);
      return;
    }
    const some = line.splice(0, Math.max(1, room.maxClients - room.clients));
    const seated = await Promise.all(some.map((asker) => sitDown(room, asker)));
    const missed = some.filter((_, at) => !seated[at]);
    for (const asker of missed) asker.missed++;
    line.unshift(...missed.filter((asker) => asker.missed < MISSED_MAX));
    // It may take its time, and nobody waits for that but these.
    for (const asker of missed) if (asker.missed >= MISSED_MAX) void askFramework(roomName, asker);
  } catch (error) {
    if (line[0] === first) line.shift();
    first.seat.reject(error);
  }
}

/** False where the room was full by then, or has gone. */
async function sitDown(room: Room, { options, auth, seat }: Asker): Promise<boolean> {
  try {
    seat.resolve(await matchMaker.reserveSeatFor(room, options, auth));
    return true;
  } catch {
    return false;
  }
}

/** Makes a room where there is none, one for all processes. */
function askFramework(roomName: string, { options, context, seat }: Asker): Promise<Seat> {
  seat.resolve(matchMaker.joinOrCreate(roomName, options, context));
  return seat.promise;
}
