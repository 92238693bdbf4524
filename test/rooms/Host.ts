/** A whole server on a free port of this machine, with its records kept in memory, for tests to play against. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { matchMaker } from "@colyseus/core";
import { Client, type Room } from "@colyseus/sdk";
import pino from "pino";
import { type Parts, type Running, startServer } from "../../src/main/game/startServer.ts";
import { type MemoryMatch, MemoryTickEvents } from "../../src/pipeline/events/MemoryTickEvents.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { plainSignIn } from "./plainSignIn.ts";

export class Host {
  readonly tickEvents = new MemoryTickEvents();
  readonly logged: string[] = [];
  running!: Running;
  private readonly dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  private readonly rooms: Room[] = [];

  async start(parts: Parts = {}, args: readonly string[] = []): Promise<this> {
    const config = readConfig(["--port", "0", "--host", "127.0.0.1", "--data-dir", this.dataDir, ...args], {});
    const log = pino({ level: "info", base: null }, { write: (line: string) => this.logged.push(line) });
    this.running = await startServer(config, log, { tickEvents: this.tickEvents, signIn: plainSignIn, ...parts });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.running.port}`;
  }

  /** A client that nobody has signed in. */
  async stranger(): Promise<Client> {
    const client = new Client(this.url);
    // Outside a browser the SDK keeps one token for all clients of the process, and hands it out a moment later.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    return client;
  }

  async person(): Promise<Client> {
    const client = await this.stranger();
    await client.auth.signInAnonymously();
    return client;
  }

  /** Keeps `room` to be left when the test is over, and its reconnection fast. */
  keep<R extends Room<any, any>>(room: R): R {
    this.rooms.push(room);
    Object.assign(room.reconnection, { minUptime: 0, delay: 20, minDelay: 20, maxDelay: 100 });
    room.onMessage("facts" as never, () => {});
    return room;
  }

  async join(game: string, options: Record<string, unknown>, client?: Client): Promise<Room<any, any>> {
    const by = client ?? (await this.person());
    return this.keep(await by.joinOrCreate<any>(game, options));
  }

  /** The record of the match that `room` plays. */
  match(room: Room<any, any>): MemoryMatch {
    const match = this.tickEvents.matches.find(({ identity }) => identity.roomId === room.roomId);
    if (match === undefined) throw new Error(`no match was recorded for room ${room.roomId}`);
    return match;
  }

  /** The server's own object of a room. */
  local(room: Room<any, any>): any {
    return matchMaker.getLocalRoomById(room.roomId);
  }

  /** Leaves every room that is still open; the server stays. */
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

/** Resolves once `condition` holds, looking after each of the room's states. Rejects after `withinMs`. */
export function until(room: Room<any, any>, condition: (state: any) => boolean, withinMs = 10_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not within ${withinMs} ms; tick ${room.state?.tick}, phase ${room.state?.phase}`)),
      withinMs,
    );
    const look = (state: any): void => {
      if (!condition(state)) return;
      clearTimeout(timer);
      room.onStateChange.remove(look);
      resolve();
    };
    room.onStateChange(look);
  });
}

/** The code and reason with which the room closes. */
export function closed(room: Room<any, any>): Promise<{ code: number; reason: string | undefined }> {
  return new Promise((resolve) => room.onLeave((code, reason) => resolve({ code, reason })));
}

/** Sends a frame whenever a state arrives, as a page does at the tick rate. */
export function play(room: Room<any, any>, frame: (input: any, state: any) => void): () => void {
  const input = room.input();
  const send = (state: any): void => {
    frame(input.data, state);
    input.send();
  };
  room.onStateChange(send);
  return () => room.onStateChange.remove(send);
}
