/** Answers joins as a process that is stopping does, and passes on any other request to a real process. */
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";

export class StoppingProcess {
  /** How many joins it has refused. */
  refused = 0;
  /** The header `Host` of each of these joins. */
  readonly hosts: (string | undefined)[] = [];
  readonly #server: http.Server;

  private constructor(of: number) {
    this.#server = http.createServer((request, response) => {
      if (!request.url!.startsWith("/matchmake/")) return passOn(request, response, of);
      this.refused++;
      this.hosts.push(request.headers.host);
      response.writeHead(503, { "content-type": "application/json" }).end('{"code":"SHUTTING_DOWN"}');
    });
  }

  static async start(port: number, of: number): Promise<StoppingProcess> {
    const process = new StoppingProcess(of);
    process.#server.listen(port, "127.0.0.1");
    await once(process.#server, "listening");
    return process;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = request;
  const onward = http.request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (reply) => {
    reply.pipe(response.writeHead(reply.statusCode!, reply.headers));
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}
