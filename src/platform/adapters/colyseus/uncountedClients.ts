/**
 * Leaves clients that hold no seat out of the connected players of the process.
 *
 * Reason: the framework counts each client of a room as a connected player, and has no other kind of client.
 * Remove when: upstream knows clients that are not counted.
 */
import { type Client, matchMaker, type Room } from "@colyseus/core";

/** The process does not count clients that are `uncounted` when they have joined. Call it in `onCreate`. */
export function leaveOutOfPlayers(room: Room, uncounted: { has(sessionId: string): boolean }): void {
  const { _events: events } = room as unknown as { readonly _events: NodeJS.EventEmitter };
  const { local } = matchMaker.stats;
  const left = new Set<string>();
  events.on("join", ({ sessionId }: Client) => {
    if (!uncounted.has(sessionId)) return;
    left.add(sessionId);
    local.ccu--;
  });
  events.on("leave", ({ sessionId }: Client) => {
    if (left.delete(sessionId)) local.ccu++;
  });
}
