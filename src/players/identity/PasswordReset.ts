/**
 * Owns the password that was forgotten: a token by mail, good once and for half an hour, of which the store has the hash alone.
 * Asking answers the same after the same work whether an address is known; all else happens after the answer.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Sql } from "../../platform/sql/Sql.ts";
import type { Mailer, Message } from "../mail/Mailer.ts";
import { MailQueue } from "../mail/MailQueue.ts";
import { addReset, endResets, findReset } from "../store/passwordResets.ts";
import { changePassword, findByIdentity } from "../store/players.ts";
import { IdentityError } from "./IdentityError.ts";
import { EMAIL_PROVIDER, foldEmail } from "./names.ts";
import type { Passwords } from "./Passwords.ts";
import type { Sessions } from "./Sessions.ts";

/** By what messages go out, and where the page is that their links open: its address, ending in a slash. */
export interface MailOptions {
  readonly mailer: Mailer;
  readonly publicUrl: string;
  /** Before each further attempt to send. */
  readonly pausesMs?: readonly number[];
}

interface PasswordResetOptions {
  readonly sql: Sql;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** Null: this server sends no mail. */
  readonly mail: MailOptions | null;
  /** Told of a message that could not be sent. Never holds the address. */
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

const TOKEN_BYTES = 32;
const VALID_MINUTES = 30;

/** The token is random enough that no slow hash is needed. */
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

  /** Throws where this server sends no mail. */
  requireMail(): void {
    if (this.#mailQueue === null) throw new IdentityError("MAIL_NOT_CONFIGURED");
  }

  /** Resolves the same for every address; the token is made and sent afterwards. */
  async request(email: string): Promise<void> {
    this.requireMail();
    const address = foldEmail(email);
    const found = await findByIdentity(this.#o.sql, EMAIL_PROVIDER, address);
    if (found !== null) setImmediate(() => this.#issue(found.id, address).catch(this.#o.onError));
  }

  /** Sets a new password, logs out all devices, and ends this token and all others of the person. */
  async redeem(token: string, password: string): Promise<void> {
    const { sql, passwords, sessions } = this.#o;
    const tokenHash = hashOf(token);
    const known = await findReset(sql, tokenHash, new Date(this.#now()));
    if (known === null) throw new IdentityError("RESET_INVALID");
    const passwordHash = await passwords.hash(password);
    await sql.transaction(async (tx) => {
      // The person's row is locked first, so that of two at once the second finds its token gone.
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

/** The token stands behind the `#`, which browsers send to nobody. */
function messageOf(to: string, link: URL): Message {
  const lines = [
    `Somebody asked to set a new password for the account with this address at ${link.host}.`,
    `If it was you, open this page within ${VALID_MINUTES} minutes:`,
    "",
    link.href,
    "",
    "The link works once. Setting a new password signs you out on all devices.",
    "If it was not you, do nothing: your password stays as it is.",
  ];
  return { to, subject: "Set a new password", text: `${lines.join("\n")}\n` };
}
