/**
 * Replaces the decoder and the input buffer that the framework gives each client.
 *
 * Reason: the framework decodes every input into a schema object and clones it. With 20 inputs per second and client, both are
 * visible in a CPU profile. A game's input is a few numbers, which need neither.
 * Remove when: `defineInput` of upstream accepts a decoder and a buffer, or upstream's input buffer does not allocate for each
 * input.
 */
import type { Client } from "@colyseus/core";

export interface InputDecoder {
  /** The input that was decoded last. */
  readonly latest: unknown;
  decode(bytes: Uint8Array): void;
  /** Decodes a packet of several numbered inputs, calls `take` with each, and returns how many there were. */
  decodeAll(bytes: Uint8Array, take: (input: unknown, seq: number) => void): number;
}

export interface InputBuffer<Input> {
  /** Sequence number of the last input that was consumed; the framework sends it with every patch. */
  readonly ackSeq: number;
  /** Called for each numbered input, which may arrive twice. Returns whether to push it. */
  accept(seq: number): boolean;
  /** `input` is the decoder's `latest`, not a copy. `seq` is undefined for inputs of the reliable channel. */
  push(input: Input, renderTime?: number, reckonTime?: number, seq?: number): void;
  /** Called when the client has disconnected. */
  clear(): void;
}

type PrivateClient = Client & {
  _inputDecoder?: InputDecoder;
  _input?: { clone(): unknown };
  _inputBuffer?: object;
};

/** Call in `onJoin` or `onReconnect`, before the first input arrives. The room must call `defineInput` with a `bufferMaxSize`. */
export function replaceInputBuffer<D extends InputDecoder>(
  client: Client,
  decoder: D,
  buffer: InputBuffer<D["latest"]>,
): void {
  const connection = client as PrivateClient;
  connection._inputDecoder = decoder;
  // The framework passes the clone of its own input object to the buffer. `latest` is enough, because the buffer copies it
  // immediately.
  connection._input!.clone = () => decoder.latest;
  connection._inputBuffer = buffer;
}

/** The framework drops all inputs of the client without decoding them. Call it where `replaceInputBuffer` would be called. */
export function ignoreInputs(client: Client): void {
  (client as PrivateClient)._inputDecoder = undefined;
}
