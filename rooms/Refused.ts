/** The error that refuses a client: a code and name of `schema/codes.ts` or `schema/queueCodes.ts`, and a text for players. */
import { ServerError } from "@colyseus/core";
import { type RefusalName, refusals } from "../schema/codes.ts";
import { type QueueRefusalName, queueRefusals } from "../schema/queueCodes.ts";

const allRefusals = { ...refusals, ...queueRefusals };

export class Refused extends ServerError {
  readonly refusal: RefusalName | QueueRefusalName;

  /** When to try again; undefined if that is unknown. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    refusal: RefusalName | QueueRefusalName,
    detail: string = allRefusals[refusal].meaning,
    retryAfterSeconds?: number,
  ) {
    super(allRefusals[refusal].code, `${refusal}: ${detail}`);
    this.refusal = refusal;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
