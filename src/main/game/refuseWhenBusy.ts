/** Owns the door of a process that has all the players it can serve: nobody new is let in, before anything is looked up. */
import { performance } from "node:perf_hooks";
import type { Refusal } from "../../../schema/codes.ts";
import type { Overload, ProcessLoad } from "../../platform/tick/Overload.ts";
import type { Admission } from "../../players/identity/Admission.ts";

class ServerBusy extends Error {
  readonly refusal: Refusal = "SERVER_BUSY";
}

/** `admission`, except in overload. Those who are inside, and those who come back to their seat, are not asked again. */
export function refuseWhenBusy(
  admission: Admission,
  overload: Pick<Overload, "isOverloaded" | "addAdmission">,
  now: () => number,
): Admission {
  const refuse = () => {
    if (overload.isOverloaded(now())) throw new ServerBusy("the server has all the players that it can serve on time");
  };
  return {
    async identify(token, mode, from = "new") {
      if (from === "admitted") return admission.identify(token, mode, from);
      refuse();
      const identity = await admission.identify(token, mode);
      // In a rush many have asked before the first of them is inside.
      refuse();
      overload.addAdmission(now());
      return identity;
    },
  };
}

/** The load of the thread that this runs on. */
export function threadLoad(players: () => number): ProcessLoad {
  let last = performance.eventLoopUtilization();
  return {
    players,
    busyShare() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
  };
}
