/**
 * WebSocket frames for many sockets, built once and without compression (RFC 6455, section 5.2, server to client). The buffer is
 * reused for the next socket and the next tick, unless a socket still needs its bytes.
 */
import type { Socket } from "node:net";

/** First byte of an unfragmented binary message and of a ping. */
const BINARY = 0x82;
const PING = 0x89;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

export class SharedPacket {
  /** All WebSocket frames that were appended since `clear`. `appendMessage`, `appendPing` and `writeTo` replace this object. */
  bytes = Buffer.alloc(0);
  #buffer = Buffer.allocUnsafeSlow(1024);

  clear(): void {
    this.bytes = this.#buffer.subarray(0, 0);
  }

  /** Appends a message of `length` bytes, and returns the index in `bytes` at which the caller must write them. */
  appendMessage(length: number): number {
    return this.#append(BINARY, length);
  }

  /** Appends a ping with a payload of at most 125 bytes. */
  appendPing(payload: Uint8Array): void {
    const at = this.#append(PING, payload.length);
    this.bytes.set(payload, at);
  }

  /** Writes all of `bytes` to `socket`, which must belong to an open WebSocket without compression. */
  writeTo(socket: Socket): void {
    socket.write(this.bytes);
    if (socket.writableLength === 0) return;
    // The kernel did not accept everything, so the socket will read the rest from these bytes later: continue with a copy.
    const { length } = this.bytes;
    this.#buffer = Buffer.concat([this.bytes], this.#buffer.length);
    this.bytes = this.#buffer.subarray(0, length);
  }

  #append(first: number, length: number): number {
    const begin = this.bytes.length;
    const at = begin + headLength(length);
    this.#reserve(at + length);
    const buffer = this.#buffer;
    buffer[begin] = first;
    if (length < TWO_BYTE_LENGTH) buffer[begin + 1] = length;
    else if (length < 1 << 16) {
      buffer[begin + 1] = TWO_BYTE_LENGTH;
      buffer.writeUInt16BE(length, begin + 2);
    } else {
      buffer[begin + 1] = EIGHT_BYTE_LENGTH;
      buffer.writeBigUInt64BE(BigInt(length), begin + 2);
    }
    this.bytes = buffer.subarray(0, at + length);
    return at;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * length);
    this.bytes.copy(larger);
    this.#buffer = larger;
  }
}

function headLength(length: number): number {
  if (length < TWO_BYTE_LENGTH) return 2;
  return length < 1 << 16 ? 4 : 10;
}
