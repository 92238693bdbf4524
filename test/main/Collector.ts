/** A collector of OpenTelemetry that keeps all spans it receives by OTLP over HTTP with JSON. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

type Value = { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number };
}

export interface ReceivedSpan extends Omit<SentSpan, "attributes"> {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the process that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export class Collector {
  readonly spans: ReceivedSpan[] = [];
  /** Of the last request. */
  headers: IncomingHttpHeaders = {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      if (request.method === "POST" && request.url === "/v1/traces") this.#keep(await json(request), request.headers);
      else response.statusCode = 404;
      response.setHeader("content-type", "application/json").end("{}");
    });
  }

  static async start(port = 0): Promise<Collector> {
    const collector = new Collector();
    await once(collector.#server.listen(port, "127.0.0.1"), "listening");
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The spans of a trace, by its UUID, the earliest first. */
  trace(uuid: string): ReceivedSpan[] {
    const id = uuid.replaceAll("-", "");
    return this.spans
      .filter(({ traceId }) => traceId === id)
      .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(body: any, headers: IncomingHttpHeaders): void {
    this.headers = headers;
    for (const { resource, scopeSpans } of body.resourceSpans)
      for (const span of scopeSpans.flatMap(({ spans }: any) => spans) as SentSpan[])
        this.spans.push({
          ...span,
          attributes: valuesOf(span.attributes),
          resource: valuesOf(resource.attributes),
        });
  }
}

const valuesOf = (attributes: SentSpan["attributes"]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
