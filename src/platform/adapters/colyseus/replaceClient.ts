/**
 * Lets a new client take the place of one that is connected or may reconnect, also in a full room.
 *
 * Reason: the framework refuses reservations in a full room. It unlocks a room whenever a client leaves, although a replaced
 * client frees no seat. `Client.leave` keeps a client in its room until the other side has closed the connection, too, which
 * takes 30 s if nobody is there any more.
 * Remove when: upstream lets a reservation replace a client of the room.
 */
import { type Client, matchMaker, type Room } from "@colyseus/core";

interface PrivateRoom {
  readonly _listing: Parameters<typeof matchMaker.driver.update>[0];
  readonly _reservedSeats: Record<string, [options: object, auth: object, isTaken: boolean, isReconnection: boolean]>;
  readonly _reservedSeatTimeouts: Record<string, NodeJS.Timeout>;
  readonly _events: NodeJS.EventEmitter;
  _onLeave(client: Client, code: number): Promise<void>;
}

const privateOf = (room: Room): PrivateRoom => room as unknown as PrivateRoom;

/**
 * Reserves a seat for a client that will replace another one. The reservation counts neither towards the room's limit nor in its
 * listing, and ends after the time of any other. `options` and `auth` are passed to `onJoin`, which must call `countReplacement`.
 */
export function reserveReplacement(room: Room, sessionId: string, options: object, auth: object): void {
  const { _reservedSeats: seats, _reservedSeatTimeouts: timers } = privateOf(room);
  Object.defineProperty(seats, sessionId, {
    value: [options, auth, false, false],
    configurable: true,
    // The framework counts enumerable reservations only.
    enumerable: false,
    writable: true,
  });
  timers[sessionId] = setTimeout(() => {
    delete seats[sessionId];
    delete timers[sessionId];
  }, room.seatReservationTimeout * 1000);
}

/** Counts the new client in the room's listing, as the framework does when it makes a reservation. */
export function countReplacement(room: Room): void {
  void matchMaker.driver.update(privateOf(room)._listing, { $inc: { clients: 1 } });
}

/** Removes a client from its room at once, and closes its connection with `code`. The room's hooks are called as usual. */
export function removeClient(room: Room, client: Client, code: number): void {
  const { ref } = client as unknown as { ref: NodeJS.EventEmitter & { onleave(): void } };
  ref.removeAllListeners("message");
  ref.removeListener("close", ref.onleave);
  void privateOf(room)._onLeave(client, code);
  client.leave(code);
}

/** Locks the room again whenever the framework has unlocked it although it is full. Call it in `onCreate`. */
export function keepFullRoomLocked(room: Room): void {
  privateOf(room)._events.on("leave", () => lockIfFull(room));
}

/** A client whose `onJoin` throws leaves without the event `leave`, so the room must check from time to time. */
export function lockIfFull(room: Room): void {
  if (!room.locked && room.hasReachedMaxClients()) void room.setMatchmaking({ maxClients: room.maxClients });
}
