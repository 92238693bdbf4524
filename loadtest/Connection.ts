/** The connection of a bot to one match. `WireConnection` and `SdkConnection` implement this interface. */
import type { BotView } from "../src/game/LoadBots.ts";

export interface Connection {
  readonly roomId: string;
  readonly sessionId: string;
  readonly view: BotView;
  /** Sends a frame. Returns its number, counted from 1, or 0 while disconnected. */
  send(frame: Int32Array): number;
  /** Leaves the match without reconnecting. */
  leave(): void;
}

export interface ConnectionEvents {
  /**
   * The patch of `tick` was received. `ack` is the number of the newest frame that the server had applied in that tick. If
   * `isCurrent`, `view` shows that tick. Otherwise, `view` already shows a later tick.
   */
  patched(tick: number, ack: number, isCurrent: boolean): void;
  received(bytes: number): void;
  sent(bytes: number): void;
  /** The patch differs from what another client of the room received. */
  diverged(): void;
  /** A message could not be decoded. */
  undecodable(): void;
  /** The connection was lost; a reconnection is attempted. */
  dropped(): void;
  reconnected(): void;
  /** The connection has ended. `reason` is `left`, or `close CODE` with the close code, for example `close 4003`. */
  closed(reason: string): void;
}

/**
 * A bot got no seat. `reason` is the name of a refusal code (`SERVER_BUSY`), an HTTP status (`HTTP 429`), a close code
 * (`close 4003`), or the name of a network error (`ECONNREFUSED`).
 */
export class JoinFailure extends Error {
  readonly reason: string;
  /** Whether the server refused with one of its documented codes. */
  readonly isDocumented: boolean;

  constructor(reason: string, isDocumented: boolean) {
    super(reason);
    this.reason = reason;
    this.isDocumented = isDocumented;
  }
}

/** Reserves a seat and joins. If the bot gets no seat, rejects with a `JoinFailure`. */
export type Connector = (token: string, events: ConnectionEvents) => Promise<Connection>;
