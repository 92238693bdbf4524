/**
 * Refuses to create a room whose match could not be recorded. Opens a match recorder at the first record of the match, and closes it
 * when the match ends or the room is disposed.
 */
import { type Room, RoomPlugin } from "@colyseus/core";
import type { MatchIdentity, MatchRecorder, TickEvents, TickRecord } from "../src/game/TickEvents.ts";
import { Refused } from "./Refused.ts";

type Recorded = Room & {
  readonly identity: MatchIdentity;
  /** Ends the match because its records cannot be stored. */
  abort(): void;
};

export class TickEventsPlugin extends RoomPlugin<Recorded> {
  override readonly pluginName = "tickEvents" as const;
  private readonly tickEvents: TickEvents;
  private recorder: MatchRecorder | null = null;
  private isClosed = false;
  private stopListening = (): void => {};

  constructor(tickEvents: TickEvents) {
    super();
    this.tickEvents = tickEvents;
  }

  protected override onCreate(): void {
    const reason = this.tickEvents.refusal();
    if (reason !== null) throw new Refused("NOT_ACCEPTING", reason);
  }

  /** Does nothing after `close`. */
  record(record: TickRecord): void {
    if (this.isClosed) return;
    this.recorder ??= this.open();
    this.recorder.record(record);
  }

  /** Call after the record with `ended`. */
  close(): void {
    this.isClosed = true;
    this.stopListening();
    this.recorder?.close();
    this.recorder = null;
  }

  protected override onDispose(): void {
    this.close();
  }

  private open(): MatchRecorder {
    this.stopListening = this.tickEvents.onAbort(() => this.room.abort());
    return this.tickEvents.open(this.room.identity);
  }
}
