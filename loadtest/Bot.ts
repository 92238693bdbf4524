/**
 * Owns one bot's career: it takes a seat, plays a match to its end, leaves, and takes the next. It checks what it is sent while it
 * plays, and writes everything into the tally of the second at hand. It knows no protocol and no game.
 */
import type { Place } from "./BotGame.ts";
import { type Line, type LineEvents, type OpenLine, Refusal } from "./Line.ts";
import { PatchWatch } from "./PatchWatch.ts";
import { Reckoning } from "./Reckoning.ts";
import type { Sightings } from "./Sightings.ts";
import type { Tally } from "./Tally.ts";

/** What the bots of a worker share. */
export interface BotSurroundings {
  readonly open: OpenLine;
  readonly sightings: Sightings;
  readonly frameFields: number;
  /** The tally of the second at hand. */
  tally(): Tally;
  /** 0 up to 1, from the seed. */
  random(): number;
  now(): number;
}

/** Waits before asking for another seat: a person's pause after a match, or after a refusal. */
const PAUSE_MS = 300;
const REFUSED_PAUSE_MS = 1000;
const SHARED_PAUSE_MS = 100;
/** Frames whose sending is remembered. */
const SENT_KEPT = 256;

export class Bot {
  private readonly around: BotSurroundings;
  private readonly tokens: readonly string[];
  private tokenAt: number;
  private readonly frame: Int32Array;
  private readonly place: Place = { x: 0, y: 0 };
  private readonly sentAt = new Float64Array(SENT_KEPT);
  private line: Line | null = null;
  private watch: PatchWatch | null = null;
  private reckoning: Reckoning | null = null;
  private lastAck = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(around: BotSurroundings, tokens: readonly string[], tokenAt: number) {
    this.around = around;
    this.tokens = tokens;
    this.tokenAt = tokenAt;
    this.frame = new Int32Array(around.frameFields);
  }

  get playing(): boolean {
    return this.line !== null;
  }

  startIn(ms: number): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.enter(), ms);
  }

  /** Leaves whatever it is in, for good. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.line?.leave();
  }

  /** Sends the next frame. */
  beat(): void {
    const { line } = this;
    if (line === null || line.view.over) return;
    line.view.think(line.sessionId, this.frame);
    const seq = line.send(this.frame);
    if (seq === 0) return;
    this.around.tally().counters.framesSent++;
    this.sentAt[seq % SENT_KEPT] = this.around.now();
    this.reckoning!.sent(seq, this.frame);
  }

  private async enter(): Promise<void> {
    const { around } = this;
    try {
      const line = await around.open(this.tokens[this.tokenAt % this.tokens.length], this.events());
      around.tally().counters.joins++;
      if (this.stopped) line.leave();
      else this.sitDown(line);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Bots share identities where there are fewer of them: then it is the load test's own doing, and no refusal.
      if (error.code === "ALREADY_SEATED" && this.tokens.length > 1) {
        this.tokenAt++;
        this.startIn(SHARED_PAUSE_MS);
        return;
      }
      if (error.documented) around.tally().refuse(error.code);
      else around.tally().error(error.code);
      this.startIn(REFUSED_PAUSE_MS * (1 + around.random()));
    }
  }

  private sitDown(line: Line): void {
    const { view, sessionId } = line;
    this.line = line;
    this.lastAck = 0;
    this.watch = new PatchWatch(view.tickRate);
    this.reckoning = new Reckoning((place, frame) => line.view.advance(sessionId, place, frame));
  }

  private events(): LineEvents {
    const tally = this.around.tally;
    return {
      patched: (tick, ack, current) => this.patched(tick, ack, current),
      received: (bytes) => {
        tally().counters.bytesIn += bytes;
      },
      sent: (bytes) => {
        tally().counters.bytesOut += bytes;
      },
      diverged: () => void tally().counters.divergentPatches++,
      undecodable: () => tally().error("message undecodable"),
      dropped: () => {
        tally().counters.drops++;
        this.watch?.restart();
        this.lastAck = 0;
      },
      reconnected: () => void tally().counters.reconnections++,
      closed: (code) => this.closed(code),
    };
  }

  private patched(tick: number, ack: number, current: boolean): void {
    const { line, around } = this;
    if (line === null) return;
    const now = around.now();
    const tally = around.tally();
    this.watch!.took(tick, now, tally);
    let sentAt = -1;
    if (ack > this.lastAck) {
      this.lastAck = ack;
      sentAt = this.sentAt[ack % SENT_KEPT];
      tally.time("latency", now - sentAt);
    }
    around.sightings.saw(line.roomId, tick, sentAt, now, tally);
    if (current) this.compare(line, ack, tally);
    if (line.view.over) this.leaveMatch();
  }

  private compare(line: Line, ack: number, tally: Tally): void {
    const life = line.view.place(line.sessionId, this.place);
    const error = this.reckoning!.acknowledged(ack, life, this.place);
    if (error !== null) tally.positionError(error);
  }

  private leaveMatch(): void {
    this.around.tally().counters.matchesEnded++;
    this.line!.leave();
  }

  private closed(code: string): void {
    const over = this.line?.view.over ?? false;
    this.line = null;
    if (this.stopped) return;
    if (code !== "left" && !over) this.around.tally().error(code);
    this.startIn(PAUSE_MS * (1 + this.around.random()));
  }
}
