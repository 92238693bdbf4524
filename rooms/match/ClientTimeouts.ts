/**
 * The time limits of each client: to reconnect, to complete a join, and to read what it was sent. They are counted in steps of
 * the room, so no timer outlives the room.
 */
import { type Client, type ClientArray, ClientState, type Deferred } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { closeCodes } from "../../schema/codes.ts";
import { JOIN_ANSWER_MS, RECONNECT_MS, UNSENT_BYTES_MAX } from "../limits.ts";

interface Reconnection {
  readonly awaited: Deferred<Client>;
  readonly sinceStep: number;
}

export class ClientTimeouts {
  private readonly tickRate: number;
  private readonly answerSteps: number;
  private readonly reconnections = new Map<string, Reconnection>();

  constructor(tickRate: number) {
    this.tickRate = tickRate;
    this.answerSteps = (JOIN_ANSWER_MS * tickRate) / 1000;
  }

  /** Call when a client has connected or reconnected. */
  onConnect(client: Client, step: number): void {
    client.userData = { connectedAtStep: step };
    this.reconnections.delete(client.sessionId);
  }

  /** Rejects `awaited` if the client does not reconnect in time. */
  awaitReconnection(client: Client, awaited: Deferred<Client>, step: number): void {
    this.reconnections.set(client.sessionId, { awaited, sinceStep: step });
    // The framework rejects the promise immediately if the client had not completed its join, and when the room closes. In both
    // cases the client has left.
    awaited.catch(() => this.reconnections.delete(client.sessionId));
  }

  /** Ends the wait for a client that does not reconnect any more. Does nothing if there is no wait. */
  cancelReconnection(sessionId: string): void {
    this.reconnections.get(sessionId)?.awaited.reject(false);
  }

  /** Removes a client for good, connected or not. Returns the number of seats that it held. */
  kick(clients: ClientArray, sessionId: string, reason: string): number {
    clients.getById(sessionId)?.leave(closeCodes.KICKED.code, reason);
    this.cancelReconnection(sessionId);
    return 1;
  }

  /**
   * Ends the waits that have expired, and disconnects clients that did not complete their join or do not read. Call about once a
   * second. `reconnectMs`: how long a client may take to reconnect.
   */
  check(clients: readonly Client[], step: number, reconnectMs = RECONNECT_MS): void {
    const lostAtStep = step - (reconnectMs * this.tickRate) / 1000;
    for (const { awaited, sinceStep } of this.reconnections.values())
      if (sinceStep <= lostAtStep) awaited.reject(false);
    for (const client of clients) {
      const { ref: webSocket } = client as WebSocketClient;
      const unanswered =
        client.state === ClientState.JOINING && step - client.userData.connectedAtStep > this.answerSteps;
      if (unanswered) client.leave(closeCodes.JOIN_TIMEOUT.code);
      // `close` would send a close frame, which would wait behind all unsent bytes.
      if (webSocket.bufferedAmount > UNSENT_BYTES_MAX) webSocket.terminate();
    }
  }
}
