import { performance } from "node:perf_hooks";
import type { RefusalName } from "../../../schema/codes.ts";
import type { OverloadGuard, ProcessLoad } from "../../platform/tick/Overload.ts";
import type { Admission } from "../../players/identity/Admission.ts";

class ServerBusy extends Error {
  readonly refusal: RefusalName = "SERVER_BUSY";
}

/**
 * Wraps an admission: while the process is overloaded, it rejects new players with SERVER_BUSY before it looks them up. Players
 * who are already admitted are not checked again. A reconnection does not call admission at all.
 */
export function refuseWhenOverloaded(
  admission: Admission,
  overload: Pick<OverloadGuard, "isOverloaded" | "addAdmission">,
  now: () => number,
): Admission {
  const refuse = () => {
    if (overload.isOverloaded(now())) throw new ServerBusy("the server is at capacity");
  };
  return {
    identifyAgain: (player, ladder) => admission.identifyAgain(player, ladder),
    async identify(token, ladder, from = "new") {
      if (from !== "new") return admission.identify(token, ladder, from);
      refuse();
      const identity = await admission.identify(token, ladder);
      // When many join at once, all of them pass the first check before one is admitted.
      refuse();
      overload.addAdmission(now());
      return identity;
    },
  };
}

/** Measures the load of the calling thread. */
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
