/** A real SMTP server on loopback for a suite. It accepts messages, or refuses them as the test sets. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** As received, headers and body. */
  readonly raw: string;
  /** The decoded body. */
  readonly text: string;
  readonly user: string | undefined;
  readonly encrypted: boolean;
}

/** Answer to a recipient: an SMTP code with its text; null accepts the message. */
export type Refusal = { readonly code: number; readonly text: string } | null;

export class MailServer {
  readonly received: Received[] = [];
  /** `user:password` of each attempt to log in. */
  readonly tried: string[] = [];
  /** Answers to the next recipients, in order; all later ones are accepted. */
  readonly refusals: Refusal[] = [];
  /** Number of recipients received, refused or not. */
  recipients = 0;
  readonly #server: SMTPServer;
  readonly #waiting: ((message: Received) => void)[] = [];
  #read = 0;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      logger: false,
      ...options,
      onAuth: ({ username, password }, _session, done) => {
        this.tried.push(`${username}:${password}`);
        done(null, { user: username });
      },
      onRcptTo: (_address, _session, done) => {
        this.recipients++;
        const refusal = this.refusals.shift() ?? null;
        done(refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk) => chunks.push(chunk));
        stream.on("end", () => {
          const raw = Buffer.concat(chunks).toString("utf8");
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? "" : mailFrom.address;
          const { user, secure } = session as { user?: string; secure: boolean };
          const to = rcptTo.map(({ address }) => address);
          this.#take({ from, to, raw, text: bodyOf(raw), user, encrypted: secure });
          done(null);
        });
      },
    });
    // Some tests make clients close the connection during the handshake.
    this.#server.on("error", () => {});
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** The next message that the test has not read yet. */
  next(): Promise<Received> {
    const index = this.#read++;
    const there = this.received[index];
    return there === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(there);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #take(message: Received): void {
    this.received.push(message);
    this.#waiting.shift()?.(message);
  }
}

function bodyOf(raw: string): string {
  const end = raw.indexOf("\r\n\r\n");
  const body = raw.slice(end + 4);
  if (!/^content-transfer-encoding: quoted-printable/im.test(raw.slice(0, end))) return body;
  return body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
