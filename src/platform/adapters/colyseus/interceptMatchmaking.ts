/**
 * Handles clients' matchmaking requests before the framework does, by replacing `matchMaker.controller.invokeMethod`.
 *
 * Reason: the framework looks for a room for all requests of the same moment at once, finds the same last seat for all, and lets those
 * that lose it wait for up to seconds. It has no hook between a client's request and that lookup.
 * Remove when: upstream offers such a hook, or seats requests of the same moment one after the other.
 */
import { type AuthContext, matchMaker } from "@colyseus/core";

export type MatchmakingOptions = Record<string, unknown>;

/** Handles a request, or returns null to leave it to the framework. `context` is missing where the server itself asks. */
export type MatchmakingHandler = (
  method: string,
  roomName: string,
  options: MatchmakingOptions,
  context: AuthContext | undefined,
) => Promise<unknown> | null;

const { controller } = matchMaker;
const stock = controller.invokeMethod;

/** Affects all servers of the process, until the returned function is called. A second handler replaces the first. */
export function interceptMatchmaking(handle: MatchmakingHandler): () => void {
  controller.invokeMethod = function (method, roomName, options = {}, context) {
    return handle(method, roomName, options, context) ?? stock.call(this, method, roomName, options, context);
  };
  return () => {
    controller.invokeMethod = stock;
  };
}
