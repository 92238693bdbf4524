/**
 * Sends the packets of a tick: its patch, its facts and, every two seconds, a ping. Their WebSocket frames are built once per
 * room, and written to each socket in one piece. The packets of two clients differ only in the number of the last input that was
 * applied. A client that receives facts of its own gets them in a message after that.
 *
 * The framework would build a WebSocket frame per client, and `ws` would write header and payload separately. That costs more
 * than everything else in a client's tick except the kernel's write.
 */
import { type Client, ClientState, Protocol, type Room } from "@colyseus/core";
import { ProtocolModifier } from "@colyseus/shared-types";
import type { WebSocketClient } from "@colyseus/ws-transport";
import { acknowledgedSeq } from "../../src/platform/adapters/colyseus/acknowledgedSeq.ts";
import { SharedPatchSerializer } from "../../src/platform/adapters/colyseus/SharedPatchSerializer.ts";
import { openTcpSocket } from "../../src/platform/adapters/ws/openTcpSocket.ts";
import { SharedPacket } from "./SharedPacket.ts";

/** Length of the prefix of a patch: code (1 byte), room clock (4), number of the acknowledged input (4). */
const PREFIX_BYTES = 9;
const ACK_AT = 5;

/** Messages by session id. */
export type OwnFacts = ReadonlyMap<string, Uint8Array>;

export class TickPackets extends SharedPatchSerializer {
  readonly #packet = new SharedPacket();
  #facts: Uint8Array | null = null;
  #own: OwnFacts | null = null;
  #ping: Buffer | null = null;
  #ackAt = 0;

  /** Replaces the serializer of `room`, including the one that the framework sets with the room's state. */
  static of(room: Room): TickPackets {
    const packets = new TickPackets();
    packets.useIn(room);
    return packets;
  }

  /** The next `send` also sends a ping with `payload`. */
  ping(payload: Buffer): void {
    this.#ping = payload;
  }

  /**
   * Sends the room's patch, then `facts` unless it is null, then to each client its message in `own`. Clients that have not completed
   * their join get nothing.
   */
  send(room: Room, facts: Uint8Array | null, own: OwnFacts | null = null): void {
    this.#facts = facts;
    this.#own = own;
    room.broadcastPatch();
    this.#ping = null;
    this.#own = null;
  }

  protected override sendShared(clients: readonly Client[], patch: Uint8Array, roomMs: number): void {
    this.#fill(patch, roomMs);
    for (const client of clients) {
      if (!isSeated(client)) continue;
      const socket = openTcpSocket((client as WebSocketClient).ref);
      if (socket === null) continue;
      this.#acknowledge(acknowledgedSeq(client));
      this.#packet.writeTo(socket);
      if (this.#own !== null) this.#sendOwn(this.#own, client);
    }
  }

  protected override onFrameworkPatch(clients: readonly Client[]): void {
    for (const client of clients) if (isSeated(client)) this.#sendFactsAndPing(client);
  }

  #acknowledge(seq: number): void {
    const { bytes } = this.#packet;
    const at = this.#ackAt;
    // Little-endian. This runs once per client and tick, and four plain stores cost less than the checks of `writeUInt32LE`.
    bytes[at] = seq;
    bytes[at + 1] = seq >>> 8;
    bytes[at + 2] = seq >>> 16;
    bytes[at + 3] = seq >>> 24;
  }

  #sendOwn(own: OwnFacts, client: Client): void {
    const facts = own.get(client.sessionId);
    if (facts !== undefined) client.raw(facts);
  }

  #sendFactsAndPing(client: Client): void {
    if (this.#facts !== null) client.raw(this.#facts);
    if (this.#own !== null) this.#sendOwn(this.#own, client);
    const { ref: webSocket } = client as WebSocketClient;
    if (this.#ping !== null && webSocket.readyState === webSocket.OPEN) webSocket.ping(this.#ping);
  }

  #fill(body: Uint8Array, roomMs: number): void {
    const packet = this.#packet;
    packet.clear();
    const at = packet.appendMessage(PREFIX_BYTES + body.length);
    packet.bytes[at] = Protocol.ROOM_STATE_PATCH | ProtocolModifier.TIMED;
    packet.bytes.writeUInt32LE(roomMs >>> 0, at + 1);
    this.#ackAt = at + ACK_AT;
    packet.bytes.set(body, at + PREFIX_BYTES);
    if (this.#facts !== null) {
      const factsAt = packet.appendMessage(this.#facts.length);
      packet.bytes.set(this.#facts, factsAt);
    }
    if (this.#ping !== null) packet.appendPing(this.#ping);
  }
}

const isSeated = (client: Client): boolean => client.state === ClientState.JOINED;
