/**
 * A room serializer that encodes a patch once for all clients. The subclass sends the bytes.
 *
 * Reason: the framework's serializer builds a WebSocket frame for each client, and `ws` writes it in several pieces. That costs
 * more than everything else in a client's tick except the kernel's write. The encoder, the flag for the next full state and the
 * choice of a serializer are private parts of the framework.
 * Remove when: upstream offers a hook that receives a room's encoded patch, or sends one WebSocket frame to all clients of a
 * room.
 */
import { type Client, type Room, SchemaSerializer } from "@colyseus/core";
import type { Schema } from "@colyseus/schema";

const NOTHING = new Uint8Array(0);

export abstract class SharedPatchSerializer extends SchemaSerializer<Schema> {
  /** Call before the room's state is set: the framework creates its own serializer at that moment, and this one replaces it. */
  useIn(room: Room): void {
    const { setSerializer } = room;
    room.setSerializer = () => setSerializer.call(room, this as never);
  }

  /**
   * Sends `patch` to those of `clients` that have joined. `patch` is empty if nothing changed, and is valid only until this
   * method returns. `roomMs` is the time of the room's clock.
   */
  protected abstract sendShared(clients: readonly Client[], patch: Uint8Array, roomMs: number): void;

  /**
   * Called when the framework has sent the patches itself: each client its own, because clients see different parts of the state.
   */
  protected abstract onFrameworkPatch(clients: readonly Client[]): void;

  override applyPatches(clients: Client[], state: unknown, timing?: { sNow: number }): boolean {
    if (clients.length === 0 || timing === undefined || this.hasFilters) {
      const changed = super.applyPatches(clients, state, timing);
      this.onFrameworkPatch(clients);
      return changed;
    }
    const { encoder } = this;
    const changed = encoder.hasChanges;
    // Without this, the next client to join would receive the full state of an earlier tick.
    if (changed) this.needFullEncode = true;
    this.sendShared(clients, changed ? encoder.encode({ offset: 1 }).subarray(1) : NOTHING, timing.sNow);
    if (changed) encoder.discardChanges();
    return changed;
  }
}
