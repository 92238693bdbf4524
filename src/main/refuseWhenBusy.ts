/** Owns the closed door of a process that steps its rooms late: nobody new is let in, before anything is looked up. */
import type { Admission } from "../../rooms/services.ts";
import type { Refusal } from "../../schema/codes.ts";

class ServerBusy extends Error {
  readonly refusal: Refusal = "SERVER_BUSY";
}

/** `admission`, except while `isBusy`. Those who are inside, and those who come back to their seat, are not asked again. */
export function refuseWhenBusy(admission: Admission, isBusy: () => boolean): Admission {
  return {
    async identify(token, mode) {
      if (isBusy()) throw new ServerBusy("the server steps its rooms late");
      return admission.identify(token, mode);
    },
  };
}
