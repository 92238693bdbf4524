/**
 * One bot. It joins a match, plays it to its end, leaves, and joins the next one. It checks what it receives, and counts
 * everything in the stats of the current second. It uses the protocol only through `Connection` and the game only through
 * `BotView`.
 */
import type { Position } from "../src/game/LoadBots.ts";
import { type Connection, type ConnectionEvents, type Connector, JoinFailure } from "./Connection.ts";
import type { CrossClientLatency } from "./CrossClientLatency.ts";
import type { LoadStats } from "./LoadStats.ts";
import { PatchChecker } from "./PatchChecker.ts";
import { PredictionCheck } from "./PredictionCheck.ts";

/** Shared by all bots of a worker. */
export interface BotDeps {
  readonly open: Connector;
  readonly crossClientLatency: CrossClientLatency;
  readonly frameFields: number;
  /** The stats of the current second. */
  stats(): LoadStats;
  /** Returns a number from 0 (inclusive) to 1 (exclusive), which depends only on the seed. */
  random(): number;
  now(): number;
}

/** Pause before the next join after a match, as a player would make. */
const PAUSE_MS = 300;
/** Pause before the next join after a refusal. */
const RETRY_PAUSE_MS = 1000;
/** Number of frames whose send time is kept. */
const SENT_TIMES = 256;

export class Bot {
  private readonly deps: BotDeps;
  private readonly token: string;
  private readonly frame: Int32Array;
  private readonly position: Position = { x: 0, y: 0 };
  private readonly sentAt = new Float64Array(SENT_TIMES);
  private connection: Connection | null = null;
  private patchChecker: PatchChecker | null = null;
  private prediction: PredictionCheck | null = null;
  private lastAck = 0;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** `token`: of a player whom no other bot plays, because a player has one seat. */
  constructor(deps: BotDeps, token: string) {
    this.deps = deps;
    this.token = token;
    this.frame = new Int32Array(deps.frameFields);
  }

  get isPlaying(): boolean {
    return this.connection !== null;
  }

  startIn(ms: number): void {
    if (!this.isStopped) this.timer = setTimeout(() => void this.join(), ms);
  }

  /** Leaves the current match and joins no other. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.connection?.leave();
  }

  sendFrame(): void {
    const { connection } = this;
    if (connection === null || connection.view.isOver) return;
    connection.view.think(connection.sessionId, this.frame);
    const seq = connection.send(this.frame);
    if (seq === 0) return;
    this.deps.stats().counters.framesSent++;
    this.sentAt[seq % SENT_TIMES] = this.deps.now();
    this.prediction!.frameSent(seq, this.frame);
  }

  private async join(): Promise<void> {
    const { deps } = this;
    try {
      const connection = await deps.open(this.token, this.events());
      deps.stats().counters.joins++;
      if (this.isStopped) connection.leave();
      else this.startPlaying(connection);
    } catch (error) {
      if (!(error instanceof JoinFailure)) throw error;
      if (error.isDocumented) deps.stats().countRefusal(error.reason);
      else deps.stats().countError(error.reason);
      this.startIn(RETRY_PAUSE_MS * (1 + deps.random()));
    }
  }

  private startPlaying(connection: Connection): void {
    const { view, sessionId } = connection;
    this.connection = connection;
    this.lastAck = 0;
    this.patchChecker = new PatchChecker(view.tickRate);
    this.prediction = new PredictionCheck((position, frame) =>
      connection.view.movePosition(sessionId, position, frame),
    );
  }

  private events(): ConnectionEvents {
    const stats = this.deps.stats;
    return {
      patched: (tick, ack, isCurrent) => this.patched(tick, ack, isCurrent),
      received: (bytes) => {
        stats().counters.bytesIn += bytes;
      },
      sent: (bytes) => {
        stats().counters.bytesOut += bytes;
      },
      diverged: () => void stats().counters.divergentPatches++,
      undecodable: () => stats().countError("message undecodable"),
      dropped: () => {
        stats().counters.drops++;
        this.patchChecker?.reset();
        this.lastAck = 0;
      },
      reconnected: () => void stats().counters.reconnections++,
      closed: (reason) => this.closed(reason),
    };
  }

  private patched(tick: number, ack: number, isCurrent: boolean): void {
    const { connection, deps } = this;
    if (connection === null) return;
    const now = deps.now();
    const stats = deps.stats();
    this.patchChecker!.check(tick, now, stats);
    let sentAt = -1;
    if (ack > this.lastAck) {
      this.lastAck = ack;
      sentAt = this.sentAt[ack % SENT_TIMES];
      stats.recordTime("latency", now - sentAt);
    }
    deps.crossClientLatency.patchReceived(connection.roomId, tick, sentAt, now, stats);
    if (isCurrent) this.compare(connection, ack, stats);
    if (connection.view.isOver) this.leaveMatch();
  }

  private compare(connection: Connection, ack: number, stats: LoadStats): void {
    const positionKey = connection.view.readPosition(connection.sessionId, this.position);
    const error = this.prediction!.frameAcknowledged(ack, positionKey, this.position);
    if (error !== null) stats.recordPositionError(error);
  }

  private leaveMatch(): void {
    this.deps.stats().counters.matchesEnded++;
    this.connection!.leave();
  }

  private closed(reason: string): void {
    const isOver = this.connection?.view.isOver ?? false;
    this.connection = null;
    if (this.isStopped) return;
    if (reason !== "left" && !isOver) this.deps.stats().countError(reason);
    this.startIn(PAUSE_MS * (1 + this.deps.random()));
  }
}
