/**
 * Tells operators what a sink rejects: a log line per topic and reason, at most one a minute, and a condition while more than 1 %
 * of a minute's messages are rejected.
 */
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import { wrapHandler } from "../log/wrapHandler.ts";
import type { Reject } from "./rejects.ts";
import type { Sink } from "./runSink.ts";

const MINUTE_MS = 60_000;
const SHARE_MAX = 0.01;

interface RejectionsOptions {
  /** A clock in ms that is never set back. */
  readonly monotonicMs?: () => number;
  readonly warn: (
    line: string,
    fields: { readonly topic: string; readonly reason: string; readonly messages: number },
  ) => void;
  /** Called about once a minute: with a line after a minute with many rejects, otherwise with null. */
  readonly report: (line: string | null) => void;
}

/** The rejects of one topic for one reason. */
interface Kind {
  readonly topic: string;
  readonly reason: string;
  /** That of the first reject since the last log line. */
  detail: string;
  /** Rejects since the last log line. */
  messages: number;
  loggedAtMs: number;
  /** Rejects in this minute. */
  inMinute: number;
}

export class Rejections {
  readonly #sink: string;
  readonly #options: RejectionsOptions & { readonly monotonicMs: () => number };
  readonly #kinds = new Map<string, Kind>();
  #minuteFromMs: number;
  /** Messages that the sink has read in this minute. */
  #read = 0;

  constructor(sink: string, options: RejectionsOptions) {
    this.#sink = sink;
    this.#options = { monotonicMs: () => performance.now(), ...options };
    this.#minuteFromMs = this.#options.monotonicMs();
  }

  /** Counts what the sink reads. */
  watch(sink: Sink): Sink {
    const { handler } = sink;
    const watched = wrapHandler(handler, {
      apply: (batch) => {
        this.#read += batch.messages.length;
        return handler.apply(batch);
      },
      onIdle: async () => {
        this.#endMinuteIfDue();
        await handler.onIdle?.();
      },
    });
    return { ...sink, handler: watched };
  }

  add({ message: { topic }, reason, detail }: Reject): void {
    const key = `${topic} ${reason}`;
    const kind = this.#kinds.get(key) ?? {
      ...{ topic, reason, detail, messages: 0, inMinute: 0, loggedAtMs: Number.NEGATIVE_INFINITY },
    };
    this.#kinds.set(key, kind);
    if (kind.messages === 0) kind.detail = detail;
    kind.messages++;
    kind.inMinute++;
    this.#logIfDue(kind);
  }

  #logIfDue(kind: Kind): void {
    const nowMs = this.#options.monotonicMs();
    if (kind.messages === 0 || nowMs - kind.loggedAtMs < MINUTE_MS) return;
    const { topic, reason, detail, messages } = kind;
    const remedy = asCalled(`after the cause is removed, run \`npm run redrive -- --reason ${reason}\``);
    this.#options.warn(
      `sink ${this.#sink}: rejected ${messages} ${messages === 1 ? "message" : "messages"} of ${topic} (${reason}): ${detail}; logs_rejected keeps them: ${remedy}`,
      { topic, reason, messages },
    );
    kind.messages = 0;
    kind.loggedAtMs = nowMs;
  }

  #endMinuteIfDue(): void {
    const nowMs = this.#options.monotonicMs();
    for (const kind of this.#kinds.values()) this.#logIfDue(kind);
    if (nowMs - this.#minuteFromMs < MINUTE_MS) return;
    const kinds = [...this.#kinds.values()].filter(({ inMinute }) => inMinute > 0);
    const rejected = kinds.reduce((sum, { inMinute }) => sum + inMinute, 0);
    this.#options.report(rejected > SHARE_MAX * this.#read ? this.#line(kinds) : null);
    for (const kind of kinds) kind.inMinute = 0;
    this.#read = 0;
    this.#minuteFromMs = nowMs;
  }

  /** Contains no numbers, so that it stays the same from minute to minute. */
  #line(kinds: readonly Kind[]): string {
    const names = kinds.map(({ topic, reason }) => `${reason} in ${topic}`).sort();
    return `sink ${this.#sink}: rejected more than 1 % of the messages of a minute (${names.join(", ")}): see docs/runbook.md, HypogeumMessagesRejected`;
  }
}
