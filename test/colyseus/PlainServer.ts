/** A plain Colyseus server on a free port, to pin the behaviour of the framework. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { matchMaker, type Room, Server } from "@colyseus/core";
import { Client, type Room as SdkRoom } from "@colyseus/sdk";
import { WebSocketTransport } from "@colyseus/ws-transport";

const silent = { debug() {}, error() {}, info() {}, trace() {}, warn() {} };

export class PlainServer {
  private server!: Server;
  private http!: http.Server;
  private readonly rooms: SdkRoom[] = [];

  /** Rooms are matched by the options that `filters` names. */
  async start(rooms: Record<string, new () => Room<any>>, filters: string[] = []): Promise<void> {
    this.http = http.createServer();
    const transport = new WebSocketTransport({ server: this.http });
    this.server = new Server({
      ...{ transport, greet: false, gracefullyShutdown: false, logger: silent },
      // Otherwise the framework keeps that of an earlier server of the process.
      selectProcessIdToCreateRoom: async () => matchMaker.processId,
    });
    for (const [name, room] of Object.entries(rooms)) this.server.define(name, room).filterBy(filters as never[]);
    await this.server.listen(0, "127.0.0.1");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** A client that is not signed in, even if another client of this process was. */
  async client(): Promise<Client> {
    const client = new Client(this.url);
    // Outside a browser the SDK stores one token for all clients of the process, and assigns it asynchronously.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    return client;
  }

  async join(name: string, options: object = {}): Promise<SdkRoom<any, any>> {
    return this.leaveAtStop(await (await this.client()).joinOrCreate<any>(name, options));
  }

  /** Makes `stop` leave the room. */
  leaveAtStop(room: SdkRoom<any, any>): SdkRoom<any, any> {
    this.rooms.push(room);
    return room;
  }

  async stop(): Promise<void> {
    for (const room of this.rooms.splice(0)) {
      room.reconnection.enabled = false;
      if (room.connection.isOpen) await room.leave();
    }
    await this.server.gracefullyShutdown(false);
    this.http.closeAllConnections();
  }
}

/** Polls until `condition` is true. */
export async function eventually(condition: () => boolean, withinMs = 3000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`condition not met within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
