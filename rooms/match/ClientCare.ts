/**
 * Owns the waits for single clients, counted in beats of the room so that none outlives it: for a dropped one to come back,
 * for a new one to take up its seat, for a slow one to read.
 */
import { type Client, type ClientArray, ClientState, type Deferred } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { closeCodes } from "../../schema/codes.ts";
import { JOIN_ANSWER_MS, RECONNECT_MS, UNSENT_BYTES_MAX } from "../limits.ts";

interface Comeback {
  readonly awaited: Deferred<Client>;
  readonly untilBeat: number;
}

export class ClientCare {
  private readonly reconnectBeats: number;
  private readonly answerBeats: number;
  private readonly comebacks = new Map<string, Comeback>();

  constructor(tickRate: number) {
    this.reconnectBeats = (RECONNECT_MS * tickRate) / 1000;
    this.answerBeats = (JOIN_ANSWER_MS * tickRate) / 1000;
  }

  /** The client has connected, for the first time or again. */
  arrived(client: Client, beat: number): void {
    client.userData = { arrivedAtBeat: beat };
    this.comebacks.delete(client.sessionId);
  }

  /** `awaited` is given up, by rejecting it, when the client does not come back in time. */
  hold(client: Client, awaited: Deferred<Client>, beat: number): void {
    this.comebacks.set(client.sessionId, { awaited, untilBeat: beat + this.reconnectBeats });
    // Rejected at once for a client that never took up its seat, and when the room closes: it leaves for good.
    awaited.catch(() => this.comebacks.delete(client.sessionId));
  }

  /** Puts a client out for good, whether it is here or awaited back. Returns the seats that it held. */
  putOut(clients: ClientArray, sessionId: string, reason: string): number {
    clients.getById(sessionId)?.leave(closeCodes.KICKED.code, reason);
    this.comebacks.get(sessionId)?.awaited.reject(false);
    return 1;
  }

  /** Looks for waits that are over, and cuts off who does not read. Once a second will do. */
  look(clients: readonly Client[], beat: number): void {
    for (const { awaited, untilBeat } of this.comebacks.values()) if (beat >= untilBeat) awaited.reject(false);
    for (const client of clients) {
      const { ref: webSocket } = client as WebSocketClient;
      const unanswered =
        client.state === ClientState.JOINING && beat - client.userData.arrivedAtBeat > this.answerBeats;
      if (unanswered) client.leave(closeCodes.JOIN_UNANSWERED.code);
      // No close frame: it would wait behind all that is unsent.
      if (webSocket.bufferedAmount > UNSENT_BYTES_MAX) webSocket.terminate();
    }
  }
}
