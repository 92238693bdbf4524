/** `TickEvents` over an outbox: stores the layouts of games, creates the recorders, and adds up their statistics. Never waits. */
import type { MatchIdentity, MatchRecorder, TickEvents } from "../../game/TickEvents.ts";
import type { OutboxMode } from "../outbox/modes.ts";
import type { OutboxWriter } from "../outbox/Outbox.ts";
import { OutboxRecorder, type Recording } from "./OutboxRecorder.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { type EventSource, layoutIdOf, layoutName, layoutOf, type RecordLayout } from "./RecordLayout.ts";
import { TickEncoder } from "./TickEncoder.ts";
import { UnstoredEnds } from "./UnstoredEnds.ts";

export interface TickEventsStats {
  readonly mode: OutboxMode;
  readonly outboxBytes: number;
  readonly oldestSeconds: number;
  readonly commitLagMs: number;
  readonly lostRecords: number;
  /** Events dropped since the start, by topic. */
  readonly shed: Readonly<Record<string, number>>;
  /** Events recorded since the start, by topic. */
  readonly events: Readonly<Record<string, number>>;
}

interface OutboxTickEventsOptions extends Pick<Recording, "writer" | "now" | "onFault"> {
  /** Games whose matches will be recorded. Their layouts are stored at the start, so that no match waits for the disk. */
  readonly games: readonly EventSource[];
}

export class OutboxTickEvents implements TickEvents {
  private readonly writer: OutboxWriter;
  private readonly recording: Recording;
  private readonly layouts = new Map<EventSource, RecordLayout>();
  private readonly recorders = new Set<OutboxRecorder>();
  private readonly shedBefore = new Map<string, number>();
  private readonly eventsBefore = new Map<string, number>();

  constructor({ writer, now, onFault, games }: OutboxTickEventsOptions) {
    this.writer = writer;
    const unstoredEnds = new UnstoredEnds(writer);
    this.recording = { writer, now, onFault, unstoredEnds, buffer: new RecordBuffer(64 * 1024) };
    for (const game of games) this.layoutFor(game);
  }

  open(match: MatchIdentity): MatchRecorder {
    const layout = this.layoutFor(match.game);
    const encoder = new TickEncoder(match, layout, this.recording.buffer);
    const recorder = new OutboxRecorder(this.recording, encoder, (closed) => {
      this.recorders.delete(closed);
      closed.addShedTo(this.shedBefore);
      closed.addCountsTo(this.eventsBefore);
    });
    this.recorders.add(recorder);
    return recorder;
  }

  refusal(): string | null {
    return this.writer.refusal();
  }

  /**
   * Calls `listener` when running matches must end because the outbox is full: each room ends its match with `ended`, reason
   * `aborted`. Returns a function that removes the listener.
   */
  onAbort(listener: () => void): () => void {
    return this.writer.onMode((mode) => {
      if (mode === "aborting") listener();
    });
  }

  stats(): TickEventsStats {
    const shed = new Map(this.shedBefore);
    const events = new Map(this.eventsBefore);
    for (const recorder of this.recorders) {
      recorder.addShedTo(shed);
      recorder.addCountsTo(events);
    }
    return {
      mode: this.writer.mode,
      outboxBytes: this.writer.sizeBytes(),
      oldestSeconds: this.writer.oldestSeconds(),
      commitLagMs: this.writer.commitLagMs(),
      lostRecords: this.writer.lostRecords,
      shed: Object.fromEntries(shed),
      events: Object.fromEntries(events),
    };
  }

  private layoutFor(game: EventSource): RecordLayout {
    let layout = this.layouts.get(game);
    if (layout === undefined) {
      layout = layoutOf(game);
      this.writer.define(layoutName(layoutIdOf(layout)), Buffer.from(JSON.stringify(layout)));
      this.layouts.set(game, layout);
    }
    return layout;
  }
}
