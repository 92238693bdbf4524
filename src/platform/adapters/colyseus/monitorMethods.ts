/**
 * The methods of a room that operators may call through `@colyseus/monitor`, which itself can call any method: those of its buttons.
 * Its buttons that change a room's state are not among them, because the state is only a copy of the match for its clients.
 *
 * Reason: the monitor has one route for all calls, so an act can be recognised only by the name of the method.
 * Remove when: the monitor has a separate route for each of its buttons.
 */
import * as z from "zod";

/**
 * The button that disconnects a client. An operator with the role `moderate` may call only this one. The room's own `kick` is called
 * instead: after this method, the client may reconnect.
 */
export const MONITOR_KICK = "_forceClientDisconnect";
const MONITOR_SEND = "_sendMessageToClient";

const sessionId = z.string().min(1);
const messageType = z.union([z.string().min(1), z.int().min(0)]);
const content = z.unknown().optional();

interface MonitorMethod {
  readonly args: z.ZodType<readonly unknown[]>;
  /** Whether the first argument is the session id of the client that it is about. */
  readonly isAboutClient: boolean;
}

/** By name. */
export const monitorMethods: ReadonlyMap<string, MonitorMethod> = new Map([
  [MONITOR_KICK, { args: z.tuple([sessionId]), isAboutClient: true }],
  [MONITOR_SEND, { args: z.tuple([sessionId, messageType, content]), isAboutClient: true }],
  ["broadcast", { args: z.tuple([messageType, content]), isAboutClient: false }],
  ["disconnect", { args: z.tuple([]), isAboutClient: false }],
]);
