/** An identity provider that gives tokens to the client `hypogeum`, as a real Kafka without a key of it accepts them. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { UnsecuredJWT } from "jose";

export const SECRET = "right: a/secret";

export class TokenServer {
  /** The forms that were sent with the right secret. */
  readonly requests: URLSearchParams[] = [];
  lifeSeconds = 300;
  /** What it answers instead, if set. */
  answer: { readonly status: number; readonly body: string } | null = null;
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<TokenServer> {
    const server = new TokenServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    const send = (status: number, body: string) =>
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    if (this.answer !== null) return void send(this.answer.status, this.answer.body);
    const basic = `Basic ${Buffer.from(`hypogeum:${encodeURIComponent(SECRET)}`).toString("base64")}`;
    if (request.headers.authorization !== basic) return void send(401, JSON.stringify({ error: "invalid_client" }));
    this.requests.push(new URLSearchParams(text));
    const token = new UnsecuredJWT({ scope: "kafka", number: this.requests.length })
      .setSubject("hypogeum")
      .setIssuedAt()
      .setExpirationTime(`${this.lifeSeconds}s`)
      .encode();
    send(200, JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: this.lifeSeconds }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
