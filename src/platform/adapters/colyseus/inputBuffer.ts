/**
 * Replaces the decoder and the buffer that the framework gives each client for its inputs.
 *
 * Reason: the framework decodes into a schema object and clones that for every input. With 20 inputs a second from each client, both
 * show in a CPU profile; a game's input is a few numbers, which need neither.
 * Remove when: upstream offers `defineInput` an option for the decoder and the buffer of a client, or an input buffer that does not
 * allocate for each input.
 */
import type { Client } from "@colyseus/core";

export interface InputDecoder {
  /** What was decoded last. */
  readonly latest: unknown;
  decode(bytes: Uint8Array): void;
  /** A packet of several numbered inputs. Returns how many there were; `take` is called with each. */
  decodeAll(bytes: Uint8Array, take: (input: unknown, seq: number) => void): number;
}

export interface InputBuffer<Input> {
  /** Sequence number of the last input that was consumed; the framework sends it with every patch. */
  readonly ackSeq: number;
  /** Asked for numbered inputs, which may arrive twice. */
  accept(seq: number): boolean;
  /** `input` is the decoder's `latest`, not a copy. `seq` is left out for inputs of the reliable channel. */
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
  // The framework passes a clone of its own input object to the buffer, which copies it at once.
  connection._input!.clone = () => decoder.latest;
  connection._inputBuffer = buffer;
}
