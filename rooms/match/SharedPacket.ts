/**
 * WebSocket frames for many sockets, built once and without compression (RFC 6455, section 5.2, server to client). The buffer is
 * reused for the next socket and the next tick, unless a socket still needs its bytes.
 */
import type { Socket } from "node:net";

/** First bytes: of an unfragmented binary message, and of a ping. */
const BINARY = 0x82;
const PING = 0x89;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

export class SharedPacket {
  /**
   * All WebSocket frames that were appended since `clear`. `appendMessage`, `appendPing` and `writeTo` assign another Buffer to
   * `bytes`, so do not keep a reference to it.
   */
  bytes = Buffer.alloc(0);
  #buffer = Buffer.allocUnsafeSlow(1024);

  clear(): void {
    this.bytes = this.#buffer.subarray(0, 0);
  }

  /**
   * Appends the header of a message and space for its `length` bytes. Returns the index in `bytes` at which the caller must then
   * write the message.
   */
  appendMessage(length: number): number {
    return this.#append(BINARY, length);
  }

  /** Appends a ping with a payload of at most 125 bytes. */
  appendPing(payload: Uint8Array): void {
    const payloadAt = this.#append(PING, payload.length);
    this.bytes.set(payload, payloadAt);
  }

  /** Writes all of `bytes` to `socket`, which must belong to an open WebSocket without compression. */
  writeTo(socket: Socket): void {
    socket.write(this.bytes);
    if (socket.writableLength === 0) return;
    // The kernel did not accept all bytes. The socket will send the rest later, out of this buffer. So continue with a copy.
    const { length } = this.bytes;
    this.#buffer = Buffer.concat([this.bytes], this.#buffer.length);
    this.bytes = this.#buffer.subarray(0, length);
  }

  #append(firstByte: number, length: number): number {
    const begin = this.bytes.length;
    const payloadAt = begin + headerLength(length);
    this.#reserve(payloadAt + length);
    const buffer = this.#buffer;
    buffer[begin] = firstByte;
    if (length < TWO_BYTE_LENGTH) buffer[begin + 1] = length;
    else if (length < 1 << 16) {
      buffer[begin + 1] = TWO_BYTE_LENGTH;
      buffer.writeUInt16BE(length, begin + 2);
    } else {
      buffer[begin + 1] = EIGHT_BYTE_LENGTH;
      buffer.writeBigUInt64BE(BigInt(length), begin + 2);
    }
    this.bytes = buffer.subarray(0, payloadAt + length);
    return payloadAt;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * length);
    this.bytes.copy(larger);
    this.#buffer = larger;
  }
}

function headerLength(length: number): number {
  if (length < TWO_BYTE_LENGTH) return 2;
  return length < 1 << 16 ? 4 : 10;
}
