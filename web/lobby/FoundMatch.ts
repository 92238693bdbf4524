/**
 * Owns a match that was found: from the seat, through the player's word and sitting down, to the moment when all have
 * confirmed or somebody has not. Queue and party tell it what the server says; it draws nothing.
 */
import type { Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import { leaveRoom } from "../net/connection.ts";
import { keepNote, loadNote } from "../net/storage.ts";

/** The server waits 10 s from when it has found the match, which the page is told a moment later. */
const CONFIRM_MS = 9_600;

export type FoundPhase = "none" | "asked" | "sitting" | "confirmed";

export interface FoundParts {
  sit(seat: SeatReservation): Promise<Room>;
  /** Tells the server that the player wants to play. */
  confirm(): void;
  changed(): void;
  failed(error: unknown): void;
}

export class FoundMatch {
  phase: FoundPhase = "none";
  /** Unix ms. */
  confirmBy = 0;
  private readonly parts: FoundParts;
  private seat: SeatReservation | null = null;
  private match: Room | null = null;

  constructor(parts: FoundParts) {
    this.parts = parts;
  }

  /** A seat; the same one again after a lost line changes nothing. */
  offer(seat: SeatReservation): void {
    if (seat.roomId === this.seat?.roomId) return;
    this.drop();
    this.seat = seat;
    const [roomId, confirmBy] = (loadNote("confirm-by") ?? "").split(" ");
    this.confirmBy = roomId === seat.roomId ? Number(confirmBy) : Date.now() + CONFIRM_MS;
    keepNote("confirm-by", `${seat.roomId} ${this.confirmBy}`);
    this.enter("asked");
  }

  /** The player wants to play: sits down, then confirms. A seat that cannot be taken is not confirmed. */
  async accept(): Promise<void> {
    const { seat } = this;
    if (this.phase !== "asked" || seat === null) return;
    this.enter("sitting");
    try {
      const match = await this.parts.sit(seat);
      if (this.seat !== seat) {
        leaveRoom("match", match);
        return;
      }
      match.onMessage("facts", () => {});
      this.match = match;
      this.parts.confirm();
      this.enter("confirmed");
    } catch (error) {
      if (this.seat !== seat) return;
      this.enter("asked");
      this.parts.failed(error);
    }
  }

  /** All have confirmed: gives the match; null where the player had not sat down on this page. */
  take(): Room | null {
    const { match } = this;
    this.forget();
    return match;
  }

  /** The match is not played. */
  drop(): void {
    if (this.match !== null) leaveRoom("match", this.match);
    this.forget();
  }

  private forget(): void {
    this.seat = null;
    this.match = null;
    keepNote("confirm-by", null);
    this.enter("none");
  }

  private enter(phase: FoundPhase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.parts.changed();
  }
}
