import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Accepts connections and never answers. */
export class SilentServer {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("error", () => {}).resume();
  });

  static async start(): Promise<SilentServer> {
    const server = new SilentServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
