/**
 * The platform of a client, from the `User-Agent` of the request that opened its WebSocket. The framework shows the headers of a request
 * only to `onAuth`, which it does not call for a seat that the queue has reserved, nor for a reconnection.
 */
import type { Server } from "node:http";
import type { Client } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { type Platform, platformOf } from "../schema/platform.ts";
import { openTcpSocket } from "../src/platform/adapters/ws/openTcpSocket.ts";

/** By TCP socket. */
const platforms = new WeakMap<object, Platform>();

/** Call it once. The listener runs before the framework's, which opens the WebSocket at once. */
export function notePlatforms(server: Server): void {
  server.prependListener("upgrade", ({ headers }, socket) => platforms.set(socket, platformOf(headers["user-agent"])));
}

/** `other` if the connection is closed already. */
export function clientPlatform(client: Client): Platform {
  const socket = openTcpSocket((client as WebSocketClient).ref);
  return (socket && platforms.get(socket)) ?? "other";
}
