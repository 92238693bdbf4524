/**
 * Reads the sequence number of the last consumed input of a client, from the client's input buffer.
 *
 * Reason: every patch contains this number for its client. The framework writes it when it builds a client's patch. If a patch
 * is built once for the whole room (`SharedPatchSerializer`), the number must be written separately.
 * Remove when: upstream offers the number on the public input accessor, or shares the bytes of a patch between clients itself.
 */
import type { Client, ClientPrivate } from "@colyseus/core";

/** Returns 0 before the first input, and in rooms without buffered inputs. */
export function acknowledgedSeq(client: Client): number {
  return (client as Client & ClientPrivate)._inputBuffer?.ackSeq ?? 0;
}
