/**
 * A proxy in front of an S3 server. It can refuse requests itself, drop a response, or put without the condition of the request. It
 * forwards the Host header unchanged, so that signatures stay valid.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Instead of an error with code and message. */
  readonly body?: string | null;
}

const SLOW_DOWN: Refusal = { status: 503, code: "SlowDown", message: "Please reduce your request rate." };

/** Refuses every PUT, as by a bucket policy. */
export const refusePuts = ({ method }: http.IncomingMessage): Refusal | null =>
  method === "PUT" ? { status: 403, code: "AccessDenied", message: "Access Denied by bucket policy" } : null;

export class FaultProxy {
  readonly #server: http.Server;
  readonly #target: URL;
  readonly #agent = new http.Agent({ keepAlive: true });
  #failing = 0;
  #losing = false;
  /** Which requests the proxy refuses, and how; null for those that it forwards. */
  refusal: (request: http.IncomingMessage) => Refusal | null = () => null;
  /** Puts an object without a condition. If it is set, PUTs are answered as by a server that ignores `If-None-Match`. */
  overwrite: ((bucketAndKey: string, bytes: Buffer) => Promise<unknown>) | null = null;
  /** Requests received, including those refused. */
  requests = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = http.createServer((request, response) => this.#handle(request, response));
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next `count` requests are answered with 503. */
  failNext(count: number): void {
    this.#failing = count;
  }

  /** The next request is executed, but its connection closes without a response. */
  loseNextAnswer(): void {
    this.#losing = true;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests++;
    const refusal = this.#failing > 0 ? SLOW_DOWN : this.refusal(request);
    if (refusal !== null) {
      if (this.#failing > 0) this.#failing--;
      const { status, code, message, body } = refusal;
      request.resume().on("end", () => {
        response.writeHead(status, { "content-type": "application/xml" });
        response.end(body ?? `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
      });
      return;
    }
    if (this.overwrite !== null && request.method === "PUT") {
      void this.#overwrite(request, response);
      return;
    }
    const losing = this.#losing;
    this.#losing = false;
    const { hostname, port } = this.#target;
    const { method, url, headers } = request;
    const onward = http.request({ hostname, port, method, path: url, headers, agent: this.#agent }, (answer) => {
      if (losing) {
        answer.resume().on("end", () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }

  /** The signature covers the condition, so the request cannot be forwarded without it. */
  async #overwrite(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    await this.overwrite!(decodeURIComponent(request.url!.split("?")[0].slice(1)), await buffer(request));
    response.end();
  }
}
