/** Owns the error by which a client is refused: number and name of `schema/codes.ts`, and a sentence for people. */
import { ServerError } from "@colyseus/core";
import { type Refusal, refusals } from "../schema/codes.ts";

export class Refused extends ServerError {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail: string = refusals[refusal].meaning) {
    super(refusals[refusal].code, `${refusal}: ${detail}`);
    this.refusal = refusal;
  }
}
