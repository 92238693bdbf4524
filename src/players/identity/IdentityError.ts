/** Refusals for reasons other than the token itself. Clients see `refusal` as the error code. */
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
  /** End of the ban; null for other refusals. */
  readonly until: Date | null;

  constructor(refusal: IdentityProblem, message: string = refusal, until: Date | null = null) {
    super(message);
    this.refusal = refusal;
    this.until = until;
  }
}
