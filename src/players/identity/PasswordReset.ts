/**
 * Resets forgotten passwords with a mailed token that is valid once, for half an hour. The database stores only its hash. A
 * request does the same work and gets the same response for every address. All work that depends on the account happens after
 * the response.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Sql } from "../../platform/sql/Sql.ts";
import { addReset, endResets, findReset } from "../database/passwordResets.ts";
import { changePassword, findByIdentity } from "../database/players.ts";
import type { Mailer, Message } from "../mail/Mailer.ts";
import { MailQueue } from "../mail/MailQueue.ts";
import { EMAIL_SIGN_IN, foldEmail } from "./emailAndPassword.ts";
import { IdentityError } from "./IdentityError.ts";
import type { Passwords } from "./Passwords.ts";
import type { Sessions } from "./Sessions.ts";

export interface MailOptions {
  readonly mailer: Mailer;
  /** URL of the page that the links open, with a slash at the end. */
  readonly publicUrl: string;
  /** Pauses before the second and each later attempt to send. */
  readonly pausesMs?: readonly number[];
}

interface PasswordResetOptions {
  readonly sql: Sql;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** Null: mail is not configured, and requests are refused. */
  readonly mail: MailOptions | null;
  /** Called when a message could not be sent. The error never contains the address. */
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

const TOKEN_BYTES = 32;
const VALID_MINUTES = 30;

/** A fast hash is enough, because the token has 256 random bits. */
const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

export class PasswordReset {
  readonly #o: PasswordResetOptions;
  readonly #mailQueue: MailQueue | null;
  readonly #now: () => number;

  constructor(options: PasswordResetOptions) {
    const { mail, onError, now = Date.now } = options;
    this.#o = options;
    this.#now = now;
    this.#mailQueue = mail && new MailQueue({ mailer: mail.mailer, onError, pausesMs: mail.pausesMs });
  }

  /** Throws `MAIL_NOT_CONFIGURED` if this server sends no mail. */
  requireMail(): void {
    if (this.#mailQueue === null) throw new IdentityError("MAIL_NOT_CONFIGURED");
  }

  /** Resolves in the same way for every address. The token is created and sent afterwards. */
  async request(email: string): Promise<void> {
    this.requireMail();
    const address = foldEmail(email);
    const found = await findByIdentity(this.#o.sql, EMAIL_SIGN_IN, address);
    if (found !== null) setImmediate(() => this.#issue(found.id, address).catch(this.#o.onError));
  }

  /**
   * Sets a new password, signs out all devices, and deletes all reset tokens of the player. Throws `RESET_INVALID`,
   * `PasswordsBusy`.
   */
  async redeem(token: string, password: string): Promise<void> {
    const { sql, passwords, sessions } = this.#o;
    const tokenHash = hashOf(token);
    const known = await findReset(sql, tokenHash, new Date(this.#now()));
    if (known === null) throw new IdentityError("RESET_INVALID");
    const passwordHash = await passwords.hash(password);
    await sql.transaction(async (tx) => {
      // This locks the player's row first, so of two concurrent requests the second finds its token deleted.
      const changed = await changePassword(tx, known, passwordHash);
      const ended = await endResets(tx, known);
      if (!changed || !ended.includes(tokenHash)) throw new IdentityError("RESET_INVALID");
    });
    sessions.forget(known);
  }

  stop(): void {
    this.#mailQueue?.stop();
  }

  async #issue(playerId: string, address: string): Promise<void> {
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const now = this.#now();
    const reset = { tokenHash: hashOf(token), playerId, expiresAt: new Date(now + VALID_MINUTES * 60_000) };
    if (await addReset(this.#o.sql, reset, new Date(now)))
      this.#mailQueue!.enqueue(messageOf(address, new URL(`#reset/${token}`, this.#o.mail!.publicUrl)));
  }
}

/** The token is in the fragment of the link, which browsers never send to a server. */
function messageOf(to: string, link: URL): Message {
  const lines = [
    `We received a request to set a new password for the account with this e-mail address at ${link.host}.`,
    `If you made the request, open this link within ${VALID_MINUTES} minutes:`,
    "",
    link.href,
    "",
    "The link works once. Setting a new password signs you out on all devices.",
    "If you did not make the request, ignore this message. Your password does not change.",
  ];
  return { to, subject: "Set a new password", text: `${lines.join("\n")}\n` };
}
