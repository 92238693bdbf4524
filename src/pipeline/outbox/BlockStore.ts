/**
 * The interface between the writer (numbers, buffering, modes) and the store of its blocks. The writer makes one call at a time.
 */
export interface StoreMeasurements {
  /** Size of the files that are not yet deleted. */
  readonly storedBytes: number;
  readonly acknowledged: number;
  /** Damage that a reader detected, as one line; null if there is none. */
  readonly problem: string | null;
}

export interface BlockStore {
  /**
   * Stores a block; resolves when it is committed. After a rejection, the writer passes the same block again, and it must not be
   * stored twice.
   */
  write(block: Buffer, firstNumber: number): Promise<void>;
  measure(): Promise<StoreMeasurements>;
  define(name: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}
