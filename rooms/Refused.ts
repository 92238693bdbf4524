/** The error that refuses a client. It has the number and name of `schema/codes.ts` or `schema/queueCodes.ts`, and a text for players. */
import { ServerError } from "@colyseus/core";
import { type Refusal, refusals } from "../schema/codes.ts";
import { type QueueRefusal, queueRefusals } from "../schema/queueCodes.ts";

const all = { ...refusals, ...queueRefusals };

export class Refused extends ServerError {
  readonly refusal: Refusal | QueueRefusal;

  constructor(refusal: Refusal | QueueRefusal, detail: string = all[refusal].meaning) {
    super(all[refusal].code, `${refusal}: ${detail}`);
    this.refusal = refusal;
  }
}
