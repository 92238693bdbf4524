/** Owns what the program wants of whoever carries its mail. Declarations only. */

export interface Message {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mailer {
  /** Resolves once a mail server has taken the message over. Throws `MailError`. */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/** Never holds an address: what servers say mostly repeats the one that they refuse. */
export class MailError extends Error {
  /** Trying again would end the same way. */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}
