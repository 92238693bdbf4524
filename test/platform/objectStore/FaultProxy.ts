/**
 * A proxy in front of an S3 server. It can answer 503 itself, or drop a response. It forwards the Host header unchanged, so that
 * signatures stay valid.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";

export class FaultProxy {
  readonly #server: http.Server;
  readonly #target: URL;
  readonly #agent = new http.Agent({ keepAlive: true });
  #failing = 0;
  #losing = false;
  /** Whether every PUT is answered with 403, as by a bucket policy. */
  refusesPuts = false;
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
    if (this.#failing > 0) {
      this.#failing--;
      request.resume().on("end", () => {
        response.writeHead(503, { "content-type": "application/xml" });
        response.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
      });
      return;
    }
    if (this.refusesPuts && request.method === "PUT") {
      request.resume().on("end", () => {
        response.writeHead(403, { "content-type": "application/xml" });
        response.end("<Error><Code>AccessDenied</Code><Message>Access Denied by bucket policy</Message></Error>");
      });
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
}
