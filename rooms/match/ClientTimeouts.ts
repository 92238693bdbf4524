/**
 * Owns the waits for single clients, counted in beats of the room so that none outlives it: for a dropped one to come back,
 * for a new one to take up its seat, for a slow one to read.
 */
import { type Client, type ClientArray, ClientState, type Deferred } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { closeCodes } from "../../schema/codes.ts";
import { JOIN_ANSWER_MS, RECONNECT_MS, UNSENT_BYTES_MAX } from "../limits.ts";

interface Reconnection {
  readonly awaited: Deferred<Client>;
  readonly untilStep: number;
}

export class ClientTimeouts {
  private readonly reconnectSteps: number;
  private readonly answerSteps: number;
  private readonly reconnections = new Map<string, Reconnection>();

  constructor(tickRate: number) {
    this.reconnectSteps = (RECONNECT_MS * tickRate) / 1000;
    this.answerSteps = (JOIN_ANSWER_MS * tickRate) / 1000;
  }

  /** The client has connected, for the first time or again. */
  onConnect(client: Client, step: number): void {
    client.userData = { connectedAtStep: step };
    this.reconnections.delete(client.sessionId);
  }

  /** `awaited` is given up, by rejecting it, when the client does not come back in time. */
  awaitReconnection(client: Client, awaited: Deferred<Client>, step: number): void {
    this.reconnections.set(client.sessionId, { awaited, untilStep: step + this.reconnectSteps });
    // Rejected at once for a client that never took up its seat, and when the room closes: it leaves for good.
    awaited.catch(() => this.reconnections.delete(client.sessionId));
  }

  /** Puts a client out for good, whether it is here or awaited back. Returns the seats that it held. */
  kick(clients: ClientArray, sessionId: string, reason: string): number {
    clients.getById(sessionId)?.leave(closeCodes.KICKED.code, reason);
    this.reconnections.get(sessionId)?.awaited.reject(false);
    return 1;
  }

  /** Looks for waits that are over, and cuts off who does not read. Once a second will do. */
  check(clients: readonly Client[], step: number): void {
    for (const { awaited, untilStep } of this.reconnections.values()) if (step >= untilStep) awaited.reject(false);
    for (const client of clients) {
      const { ref: webSocket } = client as WebSocketClient;
      const unanswered =
        client.state === ClientState.JOINING && step - client.userData.connectedAtStep > this.answerSteps;
      if (unanswered) client.leave(closeCodes.JOIN_UNANSWERED.code);
      // No close frame: it would wait behind all that is unsent.
      if (webSocket.bufferedAmount > UNSENT_BYTES_MAX) webSocket.terminate();
    }
  }
}
