/** The connection of a bot to one match: the interface that both clients (`WireConnection` and `SdkConnection`) implement. */
import type { BotView } from "./BotGame.ts";

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
   * The patch of `tick` was received. `ack`: the number of the newest frame that the server had applied by then. `isCurrent`:
   * whether `view` shows that tick, and not a later one.
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
  /** The connection has ended. `code` is `left`, or `close CODE` with the close code, for example `close 4003`. */
  closed(code: string): void;
}

/**
 * The reason why a bot got no seat. `code` is the name of a refusal code, an HTTP status, a close code, or the code of a network
 * error.
 */
export class JoinFailure extends Error {
  readonly code: string;
  /** Whether the server refused with one of its documented codes. */
  readonly isDocumented: boolean;

  constructor(code: string, isDocumented: boolean) {
    super(code);
    this.code = code;
    this.isDocumented = isDocumented;
  }
}

/** Reserves a seat and joins. Rejects with a `JoinFailure`. */
export type Connector = (token: string, events: ConnectionEvents) => Promise<Connection>;
