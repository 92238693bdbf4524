/**
 * Undoes a change of `Room._onJoin` that `work` makes.
 *
 * Reason: `@colyseus/playground` replaces this method for all rooms. From then on, the server sends every player, at every join,
 * a message with all message types of the room, for which clients have no handler.
 * Remove when: the playground gets these types in another way.
 */
import { Room } from "@colyseus/core";

export function withoutJoinPatch<Result>(work: () => Result): Result {
  const prototype = Room.prototype as unknown as { _onJoin: unknown };
  const before = prototype._onJoin;
  try {
    return work();
  } finally {
    prototype._onJoin = before;
  }
}
