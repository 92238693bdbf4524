/** A proxy in front of a real server. It changes the server's patches as a broken server might. */
import http from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import WebSocket, { WebSocketServer } from "ws";

const PATCH = 15;
const CODE_MASK = 0x1f;

/** Returns a function for one client. That function receives each patch, in order, and returns the patches to send instead. */
export type Fault = () => (patch: Buffer) => readonly Buffer[];

export class FaultyProxy {
  private readonly target: URL;
  private readonly fault: Fault;
  private readonly server: http.Server;
  private readonly sockets: WebSocketServer;

  /** Calls `fault` once for each connection. */
  constructor(target: string, fault: Fault) {
    this.target = new URL(target);
    this.fault = fault;
    this.server = http.createServer((request, response) => this.forward(request, response));
    this.sockets = new WebSocketServer({ server: this.server, perMessageDeflate: false });
    this.sockets.on("connection", (client, request) => this.join(client, request.url ?? "/"));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => NetServer.prototype.close.call(this.server, resolve));
  }

  private forward(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { hostname, port } = this.target;
    const { url: path, method, headers } = request;
    const onward = http.request({ hostname, port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }

  private join(client: WebSocket, path: string): void {
    const server = new WebSocket(`ws://${this.target.host}${path}`, { perMessageDeflate: false });
    const fault = this.fault();
    const unsent: Buffer[] = [];
    server.on("open", () => {
      for (const bytes of unsent) server.send(bytes);
    });
    client.on("message", (bytes: Buffer) => {
      if (server.readyState === WebSocket.OPEN) server.send(bytes);
      else unsent.push(bytes);
    });
    server.on("message", (bytes: Buffer) => {
      const isPatch = (bytes[0] & CODE_MASK) === PATCH;
      for (const message of isPatch ? fault(bytes) : [bytes]) client.send(message);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      one.on("close", () => other.close());
      one.on("error", () => other.close());
    }
  }
}
