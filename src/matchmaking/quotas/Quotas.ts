/**
 * Limits on how much one player may have at a time. All clients at one address together may have a multiple of that. Interfaces
 * only.
 */
import type { Requester } from "../../../schema/joinOptions.ts";

/** `seats`: seats in running matches, reserved ones too. `streams`: event streams. */
export type QuotaKind = "rooms" | "seats" | "parties" | "streams";

export interface Quotas {
  /**
   * Counts `id` for `who`, for `ms` or until it is released. If `id` already counts, only its time changes. Rejects with
   * `QuotaReached` if a limit is reached; then it counts nothing.
   */
  take(kind: QuotaKind, who: Requester, id: string, ms?: number): Promise<void>;
  /** As `take`, but counts nothing. */
  check(kind: QuotaKind, who: Requester): Promise<void>;
  /** As `take`, but without a limit: for what a player gets without a request, such as a seat in a match of the queue. */
  count(kind: QuotaKind, who: Requester, id: string): Promise<void>;
  /** Never rejects. */
  release(kind: QuotaKind, who: Requester, id: string): Promise<void>;
  /**
   * Counts a room of this process, also for `owner`, whose request opens it; null if the server itself opens it. Rejects with
   * `QuotaReached` or `ProcessFull`. If it rejects, nothing counts.
   */
  openRoom(roomId: string, owner: Requester | null): Promise<void>;
  /** The room stays open, but no longer counts for its owner. */
  leaveRoom(roomId: string): void;
  closeRoom(roomId: string): void;
}
