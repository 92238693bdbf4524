/**
 * Owns WebSocket messages that go to many sockets: framed once, without compression, as RFC 6455, section 5.2, has it for what a
 * server sends. The bytes are used again for the next socket and the next tick, unless a socket still holds on to them.
 */
import type { Socket } from "node:net";

/** First byte of a frame that is a whole binary message, and of a ping. */
const BINARY = 0x82;
const PING = 0x89;
const TWO_BYTE_LENGTH = 126;
const EIGHT_BYTE_LENGTH = 127;

export class SharedFrame {
  /** What was framed so far. Another one after `open` and `writeTo`. */
  bytes = Buffer.alloc(0);
  #whole = Buffer.allocUnsafeSlow(1024);

  clear(): void {
    this.bytes = this.#whole.subarray(0, 0);
  }

  /** Appends a message of `length` bytes, not yet set; returns where they begin. */
  open(length: number): number {
    return this.#open(BINARY, length);
  }

  /** Appends a ping, of at most 125 bytes. */
  ping(payload: Uint8Array): void {
    const at = this.#open(PING, payload.length);
    this.bytes.set(payload, at);
  }

  /** `socket` belongs to an open WebSocket that does not compress. */
  writeTo(socket: Socket): void {
    socket.write(this.bytes);
    if (socket.writableLength === 0) return;
    // The kernel did not take all of it: the rest is read from these bytes later.
    const { length } = this.bytes;
    this.#whole = Buffer.concat([this.bytes], this.#whole.length);
    this.bytes = this.#whole.subarray(0, length);
  }

  #open(first: number, length: number): number {
    const begin = this.bytes.length;
    const at = begin + headLength(length);
    this.#reserve(at + length);
    const whole = this.#whole;
    whole[begin] = first;
    if (length < TWO_BYTE_LENGTH) whole[begin + 1] = length;
    else if (length < 1 << 16) {
      whole[begin + 1] = TWO_BYTE_LENGTH;
      whole.writeUInt16BE(length, begin + 2);
    } else {
      whole[begin + 1] = EIGHT_BYTE_LENGTH;
      whole.writeBigUInt64BE(BigInt(length), begin + 2);
    }
    this.bytes = whole.subarray(0, at + length);
    return at;
  }

  #reserve(length: number): void {
    if (length <= this.#whole.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * length);
    this.bytes.copy(larger);
    this.#whole = larger;
  }
}

function headLength(length: number): number {
  if (length < TWO_BYTE_LENGTH) return 2;
  return length < 1 << 16 ? 4 : 10;
}
