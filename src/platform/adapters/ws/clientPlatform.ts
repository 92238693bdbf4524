/**
 * Returns the platform of a client, from the `User-Agent` of the request that opened its WebSocket.
 *
 * Reason: the framework shows the headers of a request only to `onAuth`. For a seat that the queue has reserved, and for a
 * reconnection, it does not call `onAuth`.
 * Remove when: the framework's clients have the headers of the request that opened their connection.
 */
import type { Server } from "node:http";
import type { Client } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { type Platform, platformOf } from "../../../../schema/platform.ts";
import { openTcpSocket } from "./openTcpSocket.ts";

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
