/**
 * Sends spans to a collector, by OTLP over HTTP with JSON. The SDK of OpenTelemetry reads the variables OTEL_* itself, and keeps a
 * limited number of spans for a collector that does not answer.
 */
import { type Context, DiagLogLevel, diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import { within } from "../async/waiting.ts";
import type { Logger } from "../logging/Logger.ts";
import type { Span, Tracer } from "./Tracer.ts";

const KINDS = { server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;
/** Spans that wait to be passed to the SDK, in the same turn of the event loop. */
const WAITING_MAX = 1000;
/** A URL with a user and a password, which the SDK quotes in its complaint about the URL. */
const QUOTED_CREDENTIALS = /'[^']*@[^']*'/g;
const STOP_WITHIN_MS = 3000;
/** A trace id is not 0, and the id of its root span, the second half of it, is not 0 either. */
const TRACE_ID = /^(?=[0-9a-f]{32}$)(?![0-9a-f]*0{16}$)/;

export class OtlpTracer implements Tracer {
  readonly isOn = true;
  readonly #ids = new RootIds();
  readonly #provider: BasicTracerProvider;
  readonly #tracer: ReturnType<BasicTracerProvider["getTracer"]>;
  #waiting: Span[] = [];

  /** `instance` names this process. */
  constructor(instance: string, logger: Logger) {
    // Logs mistakes in variables, which the SDK reads in this constructor. Disabled afterwards, because the SDK reports each failure to send.
    const log = (line: string) => logger.warn({}, `OpenTelemetry: ${line.replace(QUOTED_CREDENTIALS, "(not shown)")}`);
    const nothing = () => {};
    diag.setLogger({ error: log, warn: log, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.WARN);
    const own = resourceFromAttributes({ "service.name": "hypogeum", "service.instance.id": instance });
    this.#provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(own)
        .merge(detectResources({ detectors: [envDetector] })),
      idGenerator: this.#ids,
      spanProcessors: [new BatchSpanProcessor(reporting(new OTLPTraceExporter(), logger))],
    });
    this.#tracer = this.#provider.getTracer("hypogeum");
    diag.disable();
  }

  /** May be called in a tick, so it does the work after the tick. */
  record(span: Span): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#pass());
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(span);
  }

  async stop(): Promise<void> {
    this.#pass();
    // A failure to send has been logged.
    await within(STOP_WITHIN_MS, this.#provider.shutdown(), "the collector does not answer").catch(() => {});
  }

  #pass(): void {
    const spans = this.#waiting;
    this.#waiting = [];
    for (const span of spans) this.#send(span);
  }

  #send({ trace: uuid, isRoot, name, kind, startMs, endMs, attributes, linksTo, error }: Span): void {
    const traceId = traceIdOf(uuid);
    const other = linksTo === undefined ? null : traceIdOf(linksTo);
    // Data that other programs have written can have any id.
    if (traceId === null) return;
    const sent = this.#tracer.startSpan(
      name,
      {
        kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind],
        // A Date, because the SDK treats a small number as the time since the start of the process.
        startTime: new Date(startMs),
        attributes,
        links: other === null ? [] : [{ context: { traceId: other, spanId: rootOf(other), traceFlags: 1 } }],
      },
      isRoot ? this.#ids.expectRoot(traceId) : this.#below(traceId),
    );
    if (error !== undefined) sent.setStatus({ code: SpanStatusCode.ERROR, message: error });
    sent.end(new Date(Math.max(startMs, endMs)));
  }

  /**
   * The context of spans below the root of the trace. The root that is started here only asks the sampler about the trace, and is
   * never ended, so it is not sent.
   */
  #below(traceId: string): Context {
    return trace.setSpan(ROOT_CONTEXT, this.#tracer.startSpan("root", {}, this.#ids.expectRoot(traceId)));
  }
}

/** Random ids, except for the next root span. */
class RootIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: string | null = null;

  /** The next span gets this trace id. Returns its context. */
  expectRoot(traceId: string): Context {
    this.#next = traceId;
    return ROOT_CONTEXT;
  }

  /** The SDK calls it before `generateTraceId`. */
  generateSpanId(): string {
    return this.#next === null ? this.#random.generateSpanId() : rootOf(this.#next);
  }

  generateTraceId(): string {
    const traceId = this.#next ?? this.#random.generateTraceId();
    this.#next = null;
    return traceId;
  }
}

/** Null if the UUID cannot name a trace. */
function traceIdOf(uuid: string): string | null {
  const traceId = uuid.replaceAll("-", "");
  return TRACE_ID.test(traceId) ? traceId : null;
}

const rootOf = (traceId: string): string => traceId.slice(16);

/** Logs one line when the collector cannot be reached, and one when it can be reached again. */
function reporting(exporter: SpanExporter, logger: Logger): SpanExporter {
  let hasFailed = false;
  const report = (error: (Error & { code?: unknown }) | undefined): void => {
    if (hasFailed === (error !== undefined)) return;
    hasFailed = error !== undefined;
    if (error === undefined) {
      logger.info({}, "traces are sent again");
      return;
    }
    logger.warn(
      { error: error.message || String(error.code ?? error.name) },
      "OTEL_EXPORTER_OTLP_ENDPOINT: traces cannot be sent, and are dropped until the collector accepts them: expected the URL of a collector that accepts OTLP over HTTP with JSON, usually on port 4318",
    );
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        report(result.code === 0 ? undefined : (result.error ?? new Error("the collector refused them")));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
