/** What a bot holds in its hand while it plays: a seat in one match, over whichever client. Interfaces only. */
import type { BotView } from "./BotGame.ts";

export interface Connection {
  readonly roomId: string;
  readonly sessionId: string;
  readonly view: BotView;
  /** Sends a frame; returns its number, counted from 1, or 0 where the connection is down. */
  send(frame: Int32Array): number;
  /** Leaves for good. */
  leave(): void;
}

export interface ConnectionEvents {
  /**
   * A patch of `tick` came, with the number of the last frame that had been applied by then. `isCurrent`: the view stands at that
   * very tick.
   */
  patched(tick: number, ack: number, isCurrent: boolean): void;
  received(bytes: number): void;
  sent(bytes: number): void;
  diverged(): void;
  /** A message could not be decoded. */
  undecodable(): void;
  dropped(): void;
  reconnected(): void;
  /** The connection is gone for good. `code`: the close code, or what went wrong. */
  closed(code: string): void;
}

/** Why a seat was not given: the server's own number and name, or the network's word. */
export class Refusal extends Error {
  readonly code: string;
  /** Whether the server said so itself, by one of its documented codes. */
  readonly isDocumented: boolean;

  constructor(code: string, isDocumented: boolean) {
    super(code);
    this.code = code;
    this.isDocumented = isDocumented;
  }
}

/** Asks for a seat and sits down. Throws `Refusal`. */
export type OpenConnection = (token: string, events: ConnectionEvents) => Promise<Connection>;
