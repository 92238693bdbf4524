/**
 * The interface between the writer (numbers, buffering, modes) and what keeps its frames. One call at a time.
 */
export interface StoreMeasures {
  /** Stored and not yet given back. */
  readonly storedBytes: number;
  readonly acknowledged: number;
  /** Damage that a reader met, as one line. */
  readonly problem: string | null;
}

export interface ChunkStore {
  /**
   * Stores a frame; resolves when it is committed. After a rejection the same frame is given again and must not be
   * stored twice.
   */
  write(frame: Buffer, firstNumber: number): Promise<void>;
  measure(): Promise<StoreMeasures>;
  define(name: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}
