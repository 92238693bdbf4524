/**
 * Owns the order in which people who ask for a seat at once are seated. The framework looks for all of them at the same moment, finds all
 * of them the same last seat, and lets those who do not get it wait for up to seconds before it looks again. Here those who ask
 * one process for the same kind of match take turns at looking and sitting down; who they are is found out before, all at once.
 */
import { type AuthContext, ErrorCode, matchMaker, ServerError } from "@colyseus/core";

type Options = Record<string, unknown>;
type Admits = (token: AuthContext["token"], options: Options, context: AuthContext) => Promise<unknown>;
type Seat = Awaited<ReturnType<typeof matchMaker.joinOrCreate>>;

/** How often a seat may go to somebody of another process meanwhile, before the framework is asked instead. */
const ATTEMPTS = 5;

const { controller } = matchMaker;
const stock = controller.invokeMethod;

/**
 * Takes over `joinOrCreate` of the rooms of these names, until the returned function is called; all else stays the framework's,
 * which has one controller for the whole process.
 */
export function joinInTurn(names: readonly string[]): () => void {
  const turns = new Turns();
  controller.invokeMethod = function (method, roomName, options = {}, context) {
    if (method !== "joinOrCreate" || !names.includes(roomName) || context === undefined)
      return stock.call(this, method, roomName, options, context);
    return joinOrCreate(turns, roomName, options, context).catch(({ code, message }) => {
      throw new ServerError(code || ErrorCode.MATCHMAKE_UNHANDLED, message);
    });
  };
  return () => {
    controller.invokeMethod = stock;
  };
}

async function joinOrCreate(turns: Turns, roomName: string, options: Options, context: AuthContext): Promise<Seat> {
  const { onAuth } = matchMaker.getRoomClass(roomName) as unknown as { onAuth: Admits };
  const auth = await onAuth(context.token, options, context);
  const asked = JSON.stringify([roomName, matchMaker.getHandler(roomName).getFilterOptions(options)]);
  return turns.take(asked, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const room = await matchMaker.findOneRoomAvailable(roomName, options);
      if (room === undefined) break;
      try {
        return await matchMaker.reserveSeatFor(room, options, auth);
      } catch {
        // The room was full by then, or has gone.
      }
    }
    // Makes a room, one for all processes.
    return matchMaker.joinOrCreate(roomName, options, context);
  });
}

/** Work that goes on one piece after the other, by key. */
class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, mine);
    const done = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(done, done);
    return mine;
  }
}
