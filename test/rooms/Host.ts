/** A complete game server on a free port of this machine. Its records are kept in memory. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { matchMaker } from "@colyseus/core";
import { Client, type Room } from "@colyseus/sdk";
import pino from "pino";
import type { ServerOverrides } from "../../src/main/game/openComponents.ts";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { type MemoryMatch, MemoryTickEvents } from "../../src/pipeline/events/MemoryTickEvents.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import type { OverloadGuard } from "../../src/platform/tick/Overload.ts";
import { signInWithoutStore } from "./signInWithoutStore.ts";

/** A suite's clients and garbage collection use the thread of its server, which would then refuse joins at random. */
const neverOverloaded: OverloadGuard = {
  addStep() {},
  addAdmission() {},
  addDeparture() {},
  isOverloaded: () => false,
};

export class Host {
  readonly tickEvents = new MemoryTickEvents();
  readonly logged: string[] = [];
  running!: RunningServer;
  private readonly dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  private readonly rooms: Room[] = [];

  async start(overrides: ServerOverrides = {}, args: readonly string[] = []): Promise<this> {
    const config = readConfig(["--port", "0", "--host", "127.0.0.1", "--data-dir", this.dataDir, ...args], {});
    const log = pino({ level: "info", base: null }, { write: (line: string) => this.logged.push(line) });
    this.running = await startServer(config, log, {
      tickEvents: this.tickEvents,
      signIn: signInWithoutStore,
      overload: neverOverloaded,
      ...overrides,
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.running.port}`;
  }

  /** A client that is not signed in. */
  async newClient(): Promise<Client> {
    const client = new Client(this.url);
    // Outside a browser the SDK stores one token for all clients of the process, and assigns it asynchronously.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    return client;
  }

  async signedInClient(): Promise<Client> {
    const client = await this.newClient();
    await client.auth.signInAnonymously();
    return client;
  }

  /** Leaves `room` at the end of the test, and makes it reconnect fast. */
  keep<R extends Room<any, any>>(room: R): R {
    this.rooms.push(room);
    Object.assign(room.reconnection, { minUptime: 0, delay: 20, minDelay: 20, maxDelay: 100 });
    room.onMessage("facts" as never, () => {});
    return room;
  }

  async join(game: string, options: Record<string, unknown>, client?: Client): Promise<Room<any, any>> {
    const by = client ?? (await this.signedInClient());
    return this.keep(await by.joinOrCreate<any>(game, options));
  }

  /** Returns the recording of the match of `room`. */
  match(room: Room<any, any>): MemoryMatch {
    const match = this.tickEvents.matches.find(({ identity }) => identity.roomId === room.roomId);
    if (match === undefined) throw new Error(`no match was recorded for room ${room.roomId}`);
    return match;
  }

  /** Returns the server's object of a room. */
  local(room: Room<any, any>): any {
    return matchMaker.getLocalRoomById(room.roomId);
  }

  /** Leaves every open room. The server keeps running. */
  async leaveAll(): Promise<void> {
    for (const room of this.rooms.splice(0)) {
      room.reconnection.enabled = false;
      if (room.connection.isOpen) await room.leave().catch(() => {});
    }
  }

  async stop(): Promise<void> {
    await this.leaveAll();
    await this.running.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Resolves once `condition` is true, which is checked after each new state of the room. Rejects after `withinMs`. */
export function until(room: Room<any, any>, condition: (state: any) => boolean, withinMs = 10_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new Error(`condition not met within ${withinMs} ms; tick ${room.state?.tick}, phase ${room.state?.phase}`),
        ),
      withinMs,
    );
    const check = (state: any): void => {
      if (!condition(state)) return;
      clearTimeout(timer);
      room.onStateChange.remove(check);
      resolve();
    };
    room.onStateChange(check);
  });
}

/** Resolves to the code and reason with which the room closes. */
export function closed(room: Room<any, any>): Promise<{ code: number; reason: string | undefined }> {
  return new Promise((resolve) => room.onLeave((code, reason) => resolve({ code, reason })));
}

/** Sends a frame whenever a state arrives, that is, once per tick. Returns a function that stops sending. */
export function play(room: Room<any, any>, frame: (input: any, state: any) => void): () => void {
  const input = room.input();
  const send = (state: any): void => {
    frame(input.data, state);
    input.send();
  };
  room.onStateChange(send);
  return () => room.onStateChange.remove(send);
}
