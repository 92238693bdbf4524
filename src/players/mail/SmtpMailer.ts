/**
 * Sends mail by SMTP, one connection per message. A password is sent only over TLS or to this machine. Errors contain the
 * status code of the server, but not its text, which often contains addresses.
 */
import { createTransport, type Transporter } from "nodemailer";
import { isLoopback, withoutBrackets } from "../../platform/config/addresses.ts";
import { MailError, type Mailer, type Message } from "./Mailer.ts";

interface SmtpOptions {
  /** `smtp://` (STARTTLS where offered, port 587) or `smtps://` (TLS from the start, port 465), with user and password. */
  readonly url: string;
  /** An address, or `Name <address>`. */
  readonly from: string;
}

const CONNECT_MS_MAX = 10_000;
const SILENCE_MS_MAX = 20_000;

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
        host: withoutBrackets(hostname),
        port: port === "" ? (secure ? 465 : 587) : Number(port),
        secure,
        auth,
      },
      // Without this, an attacker between client and server could hide STARTTLS and read the password.
      requireTLS: auth !== undefined && !secure && !isLoopback(hostname),
      ...{ connectionTimeout: CONNECT_MS_MAX, greetingTimeout: CONNECT_MS_MAX, socketTimeout: SILENCE_MS_MAX },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
  }

  async send(message: Message, signal: AbortSignal): Promise<void> {
    // Prevents automatic replies, such as holiday notes.
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
    responseCode === undefined ? "" : ` (${responseCode} in reply to ${command?.split(" ")[0] ?? "the connection"})`;
  return new MailError(`SMTP_URL: the mail server did not accept a message: ${code}${answer}`, permanent);
}
