/**
 * The records that end a match and that the outbox did not accept, because its memory was full. They are appended again every
 * second until it accepts them: a match without an end would stay open for every consumer. If the process dies first, the process
 * that takes over the outbox ends these matches as `aborted`.
 */
import type { OutboxWriter } from "../outbox/Outbox.ts";

const RETRY_MS = 1000;

export class UnstoredEnds {
  readonly #writer: Pick<OutboxWriter, "append">;
  #records: Uint8Array[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(writer: Pick<OutboxWriter, "append">) {
    this.#writer = writer;
  }

  /** Keeps the record, and does not copy it. */
  add(record: Uint8Array): void {
    this.#records.push(record);
    this.#timer ??= setInterval(() => this.#retry(), RETRY_MS).unref();
  }

  #retry(): void {
    const isAccepted = (record: Uint8Array) => this.#writer.append(record, record.length) > 0;
    while (this.#records.length > 0 && isAccepted(this.#records[0])) this.#records.shift();
    if (this.#records.length > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
