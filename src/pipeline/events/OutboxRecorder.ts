/** Records one match into the outbox: encodes and appends once per tick. Never throws and never waits. */
import type { MatchRecorder, TickRecord } from "../../game/TickEvents.ts";
import type { OutboxWriter } from "../outbox/Outbox.ts";
import type { RecordBuffer } from "./RecordBuffer.ts";
import { endsMatch } from "./TickDecoder.ts";
import type { TickEncoder } from "./TickEncoder.ts";
import type { UnstoredEnds } from "./UnstoredEnds.ts";

/** What the recorders of a process share. */
export interface Recording {
  readonly writer: OutboxWriter;
  readonly buffer: RecordBuffer;
  readonly unstoredEnds: UnstoredEnds;
  /** Unix ms. */
  readonly now: () => number;
  /** Called if a record cannot be encoded, which is a bug. The events of that tick are lost. */
  readonly onFault: (error: unknown) => void;
}

export class OutboxRecorder implements MatchRecorder {
  private readonly recording: Recording;
  private readonly encoder: TickEncoder;
  private readonly onClose: (recorder: OutboxRecorder) => void;
  private ended = false;
  private closed = false;

  constructor(recording: Recording, encoder: TickEncoder, onClose: (recorder: OutboxRecorder) => void) {
    this.recording = recording;
    this.encoder = encoder;
    this.onClose = onClose;
  }

  record(record: TickRecord): void {
    const { recording, encoder } = this;
    try {
      encoder.encode(record, recording.writer.shedding);
      if (endsMatch(recording.buffer.bytes)) this.appendEnd();
      else if (!this.append()) encoder.countAsShed();
    } catch (error) {
      encoder.repeatFrames();
      recording.onFault(error);
    }
  }

  /** Appends the missing `ended` if the room was disposed without one: every match has an end in the log. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (!this.ended) {
      this.encoder.encodeAborted(this.recording.now());
      this.appendEnd();
    }
    this.onClose(this);
  }

  /** Adds the events dropped so far in this match to `sum`, by topic. */
  addShedTo(sum: Map<string, number>): void {
    this.encoder.addShedTo(sum);
  }

  /** Adds the events recorded so far in this match to `sum`, by topic. */
  addCountsTo(sum: Map<string, number>): void {
    this.encoder.addCountsTo(sum);
  }

  private append(): boolean {
    const { buffer, writer } = this.recording;
    return writer.append(buffer.bytes, buffer.length) > 0;
  }

  private appendEnd(): void {
    const { buffer, unstoredEnds } = this.recording;
    if (!this.append()) unstoredEnds.add(buffer.bytes.slice(0, buffer.length));
    this.ended = true;
  }
}
