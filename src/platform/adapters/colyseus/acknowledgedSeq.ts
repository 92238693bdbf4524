/**
 * Reads which of a client's inputs was consumed last, from the client's input buffer.
 *
 * Reason: a patch carries this number for each client. The framework writes it when it builds the patch of a client; a patch that is
 * built once for the whole room (`SharedPatchSerializer`) has to write it itself.
 * Remove when: upstream offers the number on the public input accessor, or shares the bytes of a patch between clients itself.
 */
import type { Client, ClientPrivate } from "@colyseus/core";

/** 0 before the first input, and in rooms without buffered inputs. */
export function acknowledgedSeq(client: Client): number {
  return (client as Client & ClientPrivate)._inputBuffer?.ackSeq ?? 0;
}
