/**
 * Stops the framework from stepping a room with its own timers, because the process's scheduler steps it and sends its patches.
 */
import type { Room } from "@colyseus/core";
import { NEVER_MS } from "../limits.ts";

/** Call in `onCreate`. */
export function disableRoomTimers(room: Room): void {
  // The room's step advances the clock. Without a timestep, the framework would start a 60 Hz timer for it.
  room.setTimestep(() => {}, NEVER_MS);
  room.patchRate = null as never;
}

/** Call after the state is set, before the first client has joined. */
export function stampInputs(room: Room): void {
  // Only if a group is rewound does the SDK stamp inputs with the room time that its player saw. The group is empty, because the
  // world does the rewinding.
  room.allowRewindState().attachAll([] as never, { fields: [] });
}
