/**
 * The interface between the game thread and the sinks thread: each exposes one object to the other, through comlink.
 * `RemoteWriter` and `remoteFeed` make the game thread's object look like the local outbox and feed.
 */
import type { Remote } from "comlink";
import type { LogWriter } from "../../pipeline/embeddedLog/EmbeddedLog.ts";
import type { LiveEntry, LiveFeed } from "../../pipeline/sinks/live/LiveFeed.ts";
import type { Broken, Condition } from "../../platform/health/Health.ts";
import type { Span } from "../../platform/tracing/Tracer.ts";
import type { LakeFlush } from "../lakeFlush.ts";
import type { RetentionDays } from "../retentionDays.ts";

type OutboxLocation = Pick<LogWriter, "logId" | "directory">;

/** Everything that the sinks thread needs to start, as plain data. */
export interface SinksSettings {
  readonly gamesModule: string | undefined;
  /** The environment, with flags replacing their variables. Kafka, S3 and NAMESPACE are read from it. */
  readonly env: Readonly<Record<string, string>>;
  /** The outbox that serves as the log; null with Kafka. */
  readonly outbox: OutboxLocation | null;
  readonly dataDir: string;
  /** `variable`: the environment variable that error messages about this database name. */
  readonly operational: { readonly url: string; readonly variable: string };
  readonly warehouse: { readonly url: string; readonly variable: string };
  readonly redisUrl: string | null;
  readonly warehouseMoveTicks: number;
  readonly retentionDays: RetentionDays;
  readonly lakeFlush: LakeFlush;
  readonly logLevel: string;
  /** Whether `recordSpan` is to be called. */
  readonly isTraced: boolean;
}

export interface SinksStats {
  /** Seconds, by sink. */
  readonly lag: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  /** Files that could not be stored, by sink. */
  readonly putFailures: Readonly<Record<string, number>>;
  /** Days whose data was deleted, by retention. */
  readonly deletedDays: Readonly<Record<string, number>>;
  readonly conditions: readonly Condition[];
}

/** What the sinks thread may call on the game thread, which has the outbox and serves HTTP. */
export interface GameThreadApi {
  /** Appends the records and resolves when they are committed. */
  append(records: readonly Uint8Array[]): Promise<void>;
  watermarks(): { readonly appended: number; readonly committed: number };
  feedCursor(partition: string): Promise<string | null>;
  feedPublish(entries: readonly LiveEntry[]): Promise<void>;
  feedAppend(partition: string, from: string | null, to: string, entries: readonly LiveEntry[]): Promise<boolean>;
  /** The ratings of these matches were committed. */
  ratingsChanged(matchIds: readonly string[]): void;
  recordSpan(span: Span): void;
  /** Like the methods of `Health`: the game thread logs what the sinks thread reports. */
  report(name: string, line: string, breaks: Broken): void;
  clear(name: string): void;
  /** What the previous sinks thread reported no longer holds. */
  clearAll(): void;
}

/** What the game thread may call on the sinks thread. */
export interface SinksThreadApi {
  start(): Promise<void>;
  stats(): Promise<SinksStats>;
  stop(): Promise<void>;
}

const WATERMARKS_EVERY_MS = 50;

/** The outbox of the game thread, for the embedded log in the sinks thread. Its watermarks are up to 50 ms old. */
export class RemoteWriter implements LogWriter {
  readonly logId: string;
  readonly directory: string;
  appended = 0;
  committed = 0;
  readonly #game: Remote<GameThreadApi>;
  readonly #timer: NodeJS.Timeout;
  #waiting: Uint8Array[] = [];

  private constructor(game: Remote<GameThreadApi>, outbox: OutboxLocation) {
    this.#game = game;
    this.logId = outbox.logId;
    this.directory = outbox.directory;
    this.#timer = setInterval(() => void this.refresh(), WATERMARKS_EVERY_MS);
  }

  static async open(game: Remote<GameThreadApi>, outbox: OutboxLocation): Promise<RemoteWriter> {
    const writer = new RemoteWriter(game, outbox);
    await writer.refresh();
    return writer;
  }

  append(bytes: Uint8Array, length: number): number {
    this.#waiting.push(bytes.slice(0, length));
    return this.appended + this.#waiting.length;
  }

  /** Sends the waiting records to the game thread, and resolves when the game thread has committed them. */
  whenCommitted(): Promise<void> {
    const records = this.#waiting;
    this.#waiting = [];
    return this.#game.append(records);
  }

  refusal(): string | null {
    return null;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the watermarks now. */
  async refresh(): Promise<void> {
    Object.assign(this, await this.#game.watermarks());
  }
}

/** The live feed of the game thread, for the live sink, which only writes to it. */
export function remoteFeed(game: Remote<GameThreadApi>): LiveFeed {
  const refuse = (): never => {
    throw new Error("the live feed can be read on the game thread only");
  };
  return {
    cursor: (partition) => game.feedCursor(partition),
    append: (partition, from, to, entries) => game.feedAppend(partition, from, to, entries),
    publish: (entries) => game.feedPublish(entries),
    readAfter: refuse,
    subscribe: refuse,
    clear: refuse,
    problem: () => null,
    close: async () => {},
  };
}
