/**
 * Owns sending by SMTP: one connection a message, encrypted wherever a password or a stranger's network is on the way. Says of a
 * failure what the server's code was and nothing that the server wrote, since that holds addresses.
 */
import { createTransport, type Transporter } from "nodemailer";
import { MailError, type Mailer, type Message } from "./Mailer.ts";

interface SmtpOptions {
  /** `smtp://` (STARTTLS where offered, port 587) or `smtps://` (TLS from the start, port 465), with user and password. */
  readonly url: string;
  /** An address, or `Name <address>`. */
  readonly from: string;
}

const CONNECT_MS_MAX = 10_000;
const SILENCE_MS_MAX = 20_000;

/** Hosts to which what is sent crosses no network. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ url, from }: SmtpOptions) {
    const { protocol, hostname, port, username, password } = new URL(url);
    const secure = protocol === "smtps:";
    const auth =
      username === "" ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
    this.#from = from;
    this.#transport = createTransport({
      ...{
        host: hostname.replace(/^\[|\]$/g, ""),
        port: port === "" ? (secure ? 465 : 587) : Number(port),
        secure,
        auth,
      },
      // A server in between that hides STARTTLS is not told the password.
      requireTLS: auth !== undefined && !secure && !LOOPBACK.test(hostname),
      ...{ connectionTimeout: CONNECT_MS_MAX, greetingTimeout: CONNECT_MS_MAX, socketTimeout: SILENCE_MS_MAX },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
  }

  async send(message: Message, signal: AbortSignal): Promise<void> {
    // Holiday notes and the like are not to answer it.
    const headers = { "auto-submitted": "auto-generated" };
    try {
      await this.#transport.sendMail({ from: this.#from, ...message, headers, signal });
    } catch (error) {
      throw toMailError(error as SmtpProblem);
    }
  }
}

interface SmtpProblem {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
}

function toMailError({ code = "ESMTP", command, responseCode, permanent = false }: SmtpProblem): MailError {
  const answer =
    responseCode === undefined ? "" : ` (${responseCode} to ${command?.split(" ")[0] ?? "the connection"})`;
  return new MailError(`SMTP_URL: the mail server did not take a message: ${code}${answer}`, permanent);
}
