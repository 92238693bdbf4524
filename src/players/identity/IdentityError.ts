/** Owns the reasons why somebody is not let in although the token may be good. `refusal` is the code that clients see. */

type IdentityProblem =
  | "BANNED"
  | "IDENTITY_UNAVAILABLE"
  | "CREDENTIALS_WRONG"
  | "EMAIL_TAKEN"
  | "NAME_REFUSED"
  | "NAME_TAKEN"
  | "MAIL_NOT_CONFIGURED"
  | "RESET_INVALID";

export class IdentityError extends Error {
  readonly refusal: IdentityProblem;
  /** End of a ban. */
  readonly until: Date | null;

  constructor(refusal: IdentityProblem, message: string = refusal, until: Date | null = null) {
    super(message);
    this.refusal = refusal;
    this.until = until;
  }
}
