/** Requests by Node's own client, which shows what `fetch` hides: chunks, sockets, and the headers of a connection. */
import http from "node:http";

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly body: any;
  /** The client's port of the connection. */
  readonly port: number;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Each is sent as one chunk. Resolves as soon as there is an answer, whether or not all were sent. */
  readonly chunks?: readonly string[];
  readonly agent?: http.Agent;
}

export function sendRequest(
  url: string,
  { method = "POST", headers, chunks = [], agent }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const json = chunks.length > 0 && { "content-type": "application/json" };
    const request = http.request(url, { method, agent, headers: { ...json, ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const isJson = /json/.test(response.headers["content-type"] ?? "");
        resolve({
          ...{ status: response.statusCode!, headers: response.headers, text, body: isJson ? JSON.parse(text) : null },
          port,
        });
      });
    });
    let port = 0;
    request.on("socket", (socket) => {
      const note = (): void => {
        port = socket.localPort ?? 0;
      };
      if (socket.connecting) socket.once("connect", note);
      else note();
    });
    request.on("error", reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}
