export interface Message {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

export interface Mailer {
  /** Resolves when a mail server has accepted the message. Throws `MailError`. */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/**
 * The message must not contain an address. Replies of mail servers usually repeat the address that they refuse, so they are
 * left out.
 */
export class MailError extends Error {
  /** True if another attempt would fail too. */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}
