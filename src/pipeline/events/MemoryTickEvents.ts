/**
 * Keeps the records of matches in memory, for tests and for a process without an outbox. It copies each record, as every
 * implementation must, because the room reuses its buffers.
 */
import type { InputEvents, RoomMatchEvent } from "../../../schema/matchEvents.ts";
import type { Frames } from "../../game/Frames.ts";
import type { MatchIdentity, MatchRecorder, TickEvents, TickRecord } from "../../game/TickEvents.ts";

interface MemoryFrames {
  readonly values: Int32Array;
  readonly holder: Uint8Array;
  readonly role: Uint8Array;
  readonly commands: Frames["commands"];
}

export interface MemoryRecord {
  readonly tick: number;
  readonly at: number;
  readonly matchEvents: readonly RoomMatchEvent[];
  /** Words of the facts, as `Facts` packs them. */
  readonly facts: Int32Array | null;
  readonly setup: InputEvents["setup"] | null;
  readonly seatChanges: readonly InputEvents["seat"][];
  readonly frames: MemoryFrames | null;
  readonly hash: string | null;
}

export interface MemoryMatch {
  readonly identity: MatchIdentity;
  readonly records: MemoryRecord[];
  closed: boolean;
}

function keep({ facts, frames, ...record }: TickRecord): MemoryRecord {
  return {
    ...structuredClone(record),
    facts: facts === null ? null : facts.words.slice(0, facts.length),
    frames:
      frames === null
        ? null
        : {
            ...{ values: frames.values.slice(), holder: frames.holder.slice(), role: frames.role.slice() },
            commands: frames.commands,
          },
  };
}

export class MemoryTickEvents implements TickEvents {
  readonly matches: MemoryMatch[] = [];
  /** Why new matches are refused; null to accept them. */
  reason: string | null = null;
  readonly abortListeners = new Set<() => void>();

  open(identity: MatchIdentity): MatchRecorder {
    const match: MemoryMatch = { identity, records: [], closed: false };
    this.matches.push(match);
    return {
      record: (record) => match.records.push(keep(record)),
      close: () => {
        match.closed = true;
      },
    };
  }

  onAbort(listener: () => void): () => void {
    this.abortListeners.add(listener);
    return () => this.abortListeners.delete(listener);
  }

  refusal(): string | null {
    return this.reason;
  }
}

/** Discards every record. */
export const noTickEvents: TickEvents = {
  open: () => ({ record: () => {}, close: () => {} }),
  onAbort: () => () => {},
  refusal: () => null,
};
