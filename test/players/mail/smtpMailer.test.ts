/** Sending by SMTP: what a real server receives, what is never sent unencrypted, and what a failure reports. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { MailError, type Message } from "../../../src/players/mail/Mailer.ts";
import { SmtpMailer } from "../../../src/players/mail/SmtpMailer.ts";
import { MailServer } from "./MailServer.ts";

const message: Message = { to: "ada@example.com", subject: "Zoë — a subject", text: `A line.\n${"x".repeat(120)}\n` };
const never = new AbortController().signal;

describe("the mailer", () => {
  let server: MailServer;
  afterEach(() => server.stop());

  const mailer = (url: string) => new SmtpMailer({ url, from: "Arena <no-reply@example.com>" });

  /** The error that sending rejects with. */
  const failure = (url: string): Promise<MailError> =>
    mailer(url)
      .send(message, never)
      .then(
        () => assert.fail("it was sent"),
        (error) => error,
      );

  it("sends sender, recipient, subject and text, after user and password", async () => {
    server = await MailServer.start();
    await mailer(`smtp://us%40er:p%3Ass@127.0.0.1:${server.port}`).send(message, never);
    const [{ from, to, raw, text, user }] = server.received;
    assert.deepEqual([from, to, user], ["no-reply@example.com", ["ada@example.com"], "us@er"]);
    assert.deepEqual(server.tried, ["us@er:p:ss"]);
    assert.match(raw, /^From: Arena <no-reply@example\.com>\r$/m);
    assert.match(raw, /^Auto-Submitted: auto-generated\r$/im);
    assert.equal(text.replaceAll("\r\n", "\n").trim(), message.text.trim());
  });

  it("sends without a user if the URL has none", async () => {
    server = await MailServer.start();
    await mailer(`smtp://127.0.0.1:${server.port}`).send(message, never);
    assert.equal(server.received.length, 1);
    assert.deepEqual(server.tried, []);
  });

  it("sends no password to a server that does not encrypt, unless it is on this machine", async () => {
    server = await MailServer.start();
    // It leads to this machine too, but the mailer does not treat it as loopback.
    const error = await failure(`smtp://user:secret@0.0.0.0:${server.port}`);
    assert.ok(error instanceof MailError);
    assert.deepEqual([server.tried, server.received], [[], []]);
  });

  it("sends neither password nor message to a server with an untrusted certificate", async () => {
    for (const options of [{ disabledCommands: [] }, { secure: true }]) {
      server = await MailServer.start(options);
      const scheme = "secure" in options ? "smtps" : "smtp";
      const error = await failure(`${scheme}://user:secret@localhost:${server.port}`);
      assert.ok(error instanceof MailError);
      assert.equal(error.permanent, false);
      assert.deepEqual([server.tried, server.received], [[], []]);
      if (scheme === "smtp") await server.stop();
    }
  });

  it("encrypts with STARTTLS if it is offered, and from the start with smtps", async () => {
    const trusted = trustOwnCertificate();
    try {
      for (const options of [{ disabledCommands: [] }, { secure: true }]) {
        server = await MailServer.start({ ...options, ...trusted.files });
        const scheme = "secure" in options ? "smtps" : "smtp";
        await mailer(`${scheme}://user:secret@localhost:${server.port}`).send(message, never);
        assert.equal(server.received[0].encrypted, true);
        if (scheme === "smtp") await server.stop();
      }
    } finally {
      trusted.forget();
    }
  });

  it("reports the code of a refusal and whether to retry, without personal data", async () => {
    server = await MailServer.start();
    server.refusals.push({ code: 550, text: "<ada@example.com>: no such user" }, { code: 451, text: "ada: later" });
    const url = `smtp://user:secret@127.0.0.1:${server.port}`;
    const [gone, later] = [await failure(url), await failure(url)];
    assert.deepEqual([gone.permanent, later.permanent], [true, false]);
    assert.match(
      gone.message,
      /^SMTP_URL: the mail server did not accept a message: EENVELOPE \(550 in reply to RCPT\)$/,
    );
    for (const { message, stack, cause } of [gone, later]) {
      assert.doesNotMatch(`${message}${stack}`, /ada|secret|example\.com/);
      assert.equal(cause, undefined);
    }
  });

  it("fails quickly if no server listens, and immediately when it is aborted", async () => {
    server = await MailServer.start();
    const url = `smtp://127.0.0.1:${server.port}`;
    await server.stop();
    const error = await failure(url);
    assert.deepEqual([error instanceof MailError, error.permanent], [true, false]);
    server = await MailServer.start();
    await assert.rejects(mailer(`smtp://127.0.0.1:${server.port}`).send(message, AbortSignal.abort()), MailError);
    assert.equal(server.recipients, 0);
  });
});

/** A certificate for localhost that this process trusts until `forget`. */
function trustOwnCertificate() {
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-mail-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const how = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  ];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", ...how, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const { connect } = tls;
  const files = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  // Nodemailer calls this function. `tls.setDefaultCACertificates` does not exist before Node 22.19.
  tls.connect = ((options: tls.ConnectionOptions, ...rest: []) =>
    connect({ ca: files.cert, ...options }, ...rest)) as typeof connect;
  return {
    files,
    forget() {
      tls.connect = connect;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
