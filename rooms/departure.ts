/** Owns what the code that closed a connection says of why a player went. */
import { closeCodes } from "../schema/codes.ts";

/** Those on which the SDK tries to come back: the page went away, no code, the line was lost, the server asked for it. */
const MAY_RETURN = new Set([1001, 1005, 1006, 4010]);

export const mayReturn = (code: number): boolean => MAY_RETURN.has(code);

/** `reason` of the event `left`. */
export function leaveReason(code: number): "left" | "dropped" | "removed" {
  if (code === closeCodes.CONSENTED.code) return "left";
  return mayReturn(code) ? "dropped" : "removed";
}
