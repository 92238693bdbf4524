/** A server at the address of a pod. It answers each request, and each WebSocket, with its own name and what it received. */
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import { WebSocketServer } from "ws";

export class Pod {
  /** The header `Host` of each request. */
  readonly hosts: (string | undefined)[] = [];
  readonly #server: http.Server;

  private constructor(name: string) {
    const answer = ({ url, headers }: IncomingMessage) => `${name} ${url} ${headers["x-forwarded-for"]}`;
    this.#server = http.createServer((request, response) => {
      this.hosts.push(request.headers.host);
      response.end(answer(request));
    });
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on("connection", (socket, request) => socket.send(answer(request)));
  }

  static async start(name: string, host: string, port: number): Promise<Pod> {
    const pod = new Pod(name);
    pod.#server.listen(port, host);
    await once(pod.#server, "listening");
    return pod;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
