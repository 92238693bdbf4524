import { type BatchHandler, NotStored, PartitionLost } from "./EventLog.ts";
import { PartitionProgress } from "./PartitionProgress.ts";
import { toLine } from "./toLine.ts";

export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

/** What a consumer knows about its partitions, and about the work of its handler while no batch arrives. */
export class ConsumerProgress {
  readonly #handler: Pick<BatchHandler, "storedOffset" | "keepsForMs">;
  readonly #partitions = new Map<string, PartitionProgress>();
  #idleFailure: string | null = null;

  constructor(handler: Pick<BatchHandler, "storedOffset" | "keepsForMs">) {
    this.#handler = handler;
  }

  of({ topic, partition }: PartitionOf): PartitionProgress {
    const key = keyOf({ topic, partition });
    let progress = this.#partitions.get(key);
    if (progress === undefined) {
      const storedOffset = this.#handler.storedOffset?.bind(this.#handler);
      const keepsForMs = this.#handler.keepsForMs?.(topic);
      progress = new PartitionProgress(storedOffset ? () => storedOffset(topic, partition) : null, keepsForMs);
      this.#partitions.set(key, progress);
    }
    return progress;
  }

  /** Forgets the partitions that are assigned to another consumer now. */
  keepOnly(partitions: readonly PartitionOf[]): void {
    const kept = new Set(partitions.map(keyOf));
    for (const key of this.#partitions.keys()) if (!kept.has(key)) this.#partitions.delete(key);
  }

  /** Seconds; 0 if everything is stored. */
  lagSeconds(nowMs: number): number {
    return Math.max(0, ...[...this.#partitions.values()].map((progress) => progress.lagSeconds(nowMs)));
  }

  /** Whether the handler has accepted every message that is known to exist. */
  isCaughtUp(): boolean {
    return [...this.#partitions.values()].every((progress) => progress.isCaughtUp());
  }

  /** One line each. */
  problems(): string[] {
    const lines = [...this.#partitions.values()].flatMap((progress) => progress.problems());
    return this.#idleFailure === null ? lines : [...lines, this.#idleFailure];
  }

  idleSucceeded(): void {
    this.#idleFailure = null;
  }

  /** A failure to store belongs to its partition. Any other failure stands until `onIdle` of the handler succeeds. */
  idleFailed(error: unknown): void {
    if (error instanceof NotStored) this.#partitions.get(keyOf(error))?.storeFailed(error);
    else if (!(error instanceof PartitionLost)) this.#idleFailure = toLine(error);
  }
}

function keyOf({ topic, partition }: PartitionOf): string {
  return `${topic}/${partition}`;
}
