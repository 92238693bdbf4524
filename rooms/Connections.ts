/** Records when the clients of one room connect and disconnect, as events of their players, and keeps the list of clients. */
import type { Client } from "@colyseus/core";
import { v7 as uuidv7 } from "uuid";
import type { PlayerMessage } from "../schema/playerEvents.ts";
import { clientPlatform } from "./clientPlatform.ts";
import { disconnectReason } from "./leaveCodes.ts";
import type { RoundTrip } from "./match/RoundTrip.ts";
import type { PlayerEvents } from "./services.ts";

/** What the clients connect to. */
type Place = Required<Pick<PlayerMessage, "room" | "roomId">> & Pick<PlayerMessage, "matchId">;

interface Connection {
  readonly player: string;
  readonly id: string;
  readonly connectedAt: number;
  readonly common: Partial<PlayerMessage>;
  /** Null if it is not measured. */
  readonly roundTrip: RoundTrip | null;
}

export class Connections {
  readonly #events: PlayerEvents;
  readonly #place: () => Place;
  /** A client that reconnects is another object. */
  readonly #open = new WeakMap<Client, Connection>();

  constructor(events: PlayerEvents, place: () => Place) {
    this.#events = events;
    this.#place = place;
  }

  /** Call when a client has joined or reconnected. */
  opened(client: Client, player: string, roundTrip: RoundTrip | null = null): void {
    const connectedAt = this.#events.now();
    const id = uuidv7({ msecs: connectedAt });
    const common = { connection: id, ...this.#place(), platform: clientPlatform(client) };
    this.#events.clients.add(client, player);
    this.#open.set(client, { player, id, connectedAt, common, roundTrip });
    this.#events.recordPlayer({ v: 1, at: connectedAt, kind: "connected", player, ...common }, id);
  }

  /** Call in `onDrop` and `onLeave`. Records nothing for a client that has not joined, or whose end is recorded already. */
  closed(client: Client, code: number): void {
    const connection = this.#open.get(client);
    if (connection === undefined) return;
    this.#open.delete(client);
    this.#events.clients.remove(client);
    const { player, connectedAt, common, roundTrip } = connection;
    const reason = disconnectReason(code, common.room!);
    const median = roundTrip?.median.value ?? null;
    this.#events.recordPlayer({
      ...{ v: 1, at: Math.max(connectedAt, this.#events.now()), kind: "disconnected", player, ...common },
      ...{ connectedAt, reason, ...(median !== null && { roundTripMs: Math.round(median) }) },
    });
  }
}
