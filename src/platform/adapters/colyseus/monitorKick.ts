/**
 * The method of a room by which `@colyseus/monitor` removes one client.
 *
 * Reason: the monitor can call any method of a room, but an operator with the role `moderate` may call only this one.
 * Remove when: the monitor has a separate route that removes a client.
 */
export const MONITOR_KICK = "_forceClientDisconnect";
