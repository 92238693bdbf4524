/**
 * A match that was found: from the offered seat, through joining and confirming, to the moment when all players have confirmed
 * or one has not. Queue and party pass on the messages of the server.
 */
import type { Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import { leaveRoom } from "../net/connection.ts";
import { loadNote, storeNote } from "../net/storage.ts";

/** The server waits for 10 s after it has found the match. The page is notified a moment later. */
const CONFIRM_MS = 9_600;

export type FoundPhase = "none" | "offered" | "joining" | "confirmed";

export interface FoundMatchDeps {
  takeSeat(seat: SeatReservation): Promise<Room>;
  /** Sends the confirmation to the server. */
  confirm(): void;
  onChange(): void;
  onError(error: unknown): void;
}

export class FoundMatch {
  phase: FoundPhase = "none";
  /** Unix ms. */
  confirmBy = 0;
  private readonly deps: FoundMatchDeps;
  private seat: SeatReservation | null = null;
  private match: Room | null = null;

  constructor(deps: FoundMatchDeps) {
    this.deps = deps;
  }

  /** Offers a seat. The same seat again, after a reconnection, changes nothing. */
  offer(seat: SeatReservation): void {
    if (seat.roomId === this.seat?.roomId) return;
    this.drop();
    this.seat = seat;
    const [roomId, confirmBy] = (loadNote("confirm-by") ?? "").split(" ");
    this.confirmBy = roomId === seat.roomId ? Number(confirmBy) : Date.now() + CONFIRM_MS;
    storeNote("confirm-by", `${seat.roomId} ${this.confirmBy}`);
    this.enter("offered");
  }

  /** Joins the match, then confirms. A match that cannot be joined is not confirmed. */
  async accept(): Promise<void> {
    const { seat } = this;
    if (this.phase !== "offered" || seat === null) return;
    this.enter("joining");
    try {
      const match = await this.deps.takeSeat(seat);
      if (this.seat !== seat) {
        leaveRoom("match", match);
        return;
      }
      match.onMessage("facts", () => {});
      this.match = match;
      this.deps.confirm();
      this.enter("confirmed");
    } catch (error) {
      if (this.seat !== seat) return;
      this.enter("offered");
      this.deps.onError(error);
    }
  }

  /** For when all players have confirmed: returns the match, and forgets it. Null if this page has not joined the match. */
  takeMatch(): Room | null {
    const { match } = this;
    this.forget();
    return match;
  }

  /** Leaves the match, which is then not played. */
  drop(): void {
    if (this.match !== null) leaveRoom("match", this.match);
    this.forget();
  }

  private forget(): void {
    this.seat = null;
    this.match = null;
    storeNote("confirm-by", null);
    this.enter("none");
  }

  private enter(phase: FoundPhase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.deps.onChange();
  }
}
