/**
 * A room's serializer that encodes a patch once and passes its bytes on, where the framework's builds a frame for each client.
 *
 * Reason: a frame of its own for each client, and the pieces that `ws` makes of it, cost more than all the rest of a client's tick but
 * the kernel's write. The encoder, the mark for the next full state and the choice of a serializer are inside the framework.
 * Remove when: upstream offers a hook that is given a room's encoded patch, or sends one frame for all clients of a room.
 */
import { type Client, type Room, SchemaSerializer } from "@colyseus/core";
import type { Schema } from "@colyseus/schema";

const NOTHING = new Uint8Array(0);

export abstract class SharedPatchSerializer extends SchemaSerializer<Schema> {
  /** Call before the room's state is set: the framework then makes a serializer of its own, which this one replaces. */
  useIn(room: Room): void {
    const { setSerializer } = room;
    room.setSerializer = () => setSerializer.call(room, this as never);
  }

  /**
   * Sends `patch` to those of `clients` that have joined; it is empty where nothing changed, and valid until this returns.
   * `roomMs`: the room's clock.
   */
  protected abstract sendShared(clients: readonly Client[], patch: Uint8Array, roomMs: number): void;

  /** Called where clients see different parts of the state, so that the framework has sent each its own patch. */
  protected abstract sentApart(clients: readonly Client[]): void;

  override applyPatches(clients: Client[], state: unknown, timing?: { sNow: number }): boolean {
    if (clients.length === 0 || timing === undefined || this.hasFilters) {
      const changed = super.applyPatches(clients, state, timing);
      this.sentApart(clients);
      return changed;
    }
    const { encoder } = this;
    const changed = encoder.hasChanges;
    // Otherwise a client that joins next would be sent the full state of an earlier tick.
    if (changed) this.needFullEncode = true;
    this.sendShared(clients, changed ? encoder.encode({ offset: 1 }).subarray(1) : NOTHING, timing.sNow);
    if (changed) encoder.discardChanges();
    return changed;
  }
}
