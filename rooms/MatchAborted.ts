import { ServerError } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";

/** The error that refuses a client because its match failed while it joined. The failure itself has been logged. */
export class MatchAborted extends ServerError {
  constructor() {
    super(closeCodes.MATCH_ABORTED.code, `MATCH_ABORTED: ${closeCodes.MATCH_ABORTED.meaning}`);
  }
}
