/** Owns what keeps the framework from driving a room by timers of its own: the process's beat steps it, and sends its patches. */
import type { Room } from "@colyseus/core";
import { NEVER_MS } from "../limits.ts";

/** Call in `onCreate`, once the state is there. */
export function disableRoomTimers(room: Room): void {
  // The SDK stamps inputs with what its player saw only where a group is rewound; the world rewinds by itself.
  room.allowRewindState().attachAll([] as never, { fields: [] });
  // The clock runs on the beat; without a loop of its own the room would get a 60 Hz timer for it.
  room.setTimestep(() => {}, NEVER_MS);
  room.patchRate = null as never;
}
