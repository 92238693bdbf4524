/**
 * Handles clients' matchmaking requests before the framework does, by replacing `matchMaker.controller.invokeMethod`.
 *
 * Reason: the framework looks for a room for concurrent requests at the same time, and finds the same last seat for all of them.
 * The requests that do not get the seat wait, some of them for seconds. There is no hook between a client's request and that
 * lookup.
 * Remove when: upstream offers such a hook, or seats concurrent requests one after the other.
 */
import { type AuthContext, matchMaker } from "@colyseus/core";

export type MatchmakingOptions = Record<string, unknown>;

/**
 * Handles a request, or returns null to leave it to the framework. `context` is undefined if the server itself made the request.
 */
export type MatchmakingHandler = (
  method: string,
  roomName: string,
  options: MatchmakingOptions,
  context: AuthContext | undefined,
) => Promise<unknown> | null;

const { controller } = matchMaker;
const original = controller.invokeMethod;

/** Affects all servers of the process, until the returned function is called. A second handler replaces the first. */
export function interceptMatchmaking(handle: MatchmakingHandler): () => void {
  controller.invokeMethod = function (method, roomName, options = {}, context) {
    return handle(method, roomName, options, context) ?? original.call(this, method, roomName, options, context);
  };
  return () => {
    controller.invokeMethod = original;
  };
}

/** Invokes a matchmaking method as the framework does for a client's request. Rejects with the error, most with a `code`. */
export function invokeMatchmaking(
  method: string,
  roomName: string,
  options: MatchmakingOptions,
  context: AuthContext,
): Promise<unknown> {
  return controller.invokeMethod(method, roomName, options, context);
}
