/** Where parts report how long a step of a join or of a match took. */
export interface Span {
  /**
   * The UUID that names the trace, such as a match id, with or without hyphens. Every process and thread derives the same trace
   * id and the same root span from it, so that nothing has to be passed on with the data.
   */
  readonly trace: string;
  /** Set for one span of each trace. All others are directly below it. */
  readonly isRoot?: true;
  readonly name: string;
  /** If omitted, the span is internal. */
  readonly kind?: "server" | "producer" | "consumer";
  /** Unix ms. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** The UUID of another trace, to whose root span this span refers. */
  readonly linksTo?: string;
  /** Why the step failed, as one line. */
  readonly error?: string;
}

export interface Tracer {
  /** False if every span is dropped, so that none has to be made. */
  readonly isOn: boolean;
  /** Takes a step that has ended. Never throws, never waits and does no I/O. Drops the span if too many wait. */
  record(span: Span): void;
  /** Sends the spans that wait, within a few seconds. Never rejects. */
  stop(): Promise<void>;
}
