/** TLS with a certificate of a private authority: what works, and what an operator reads if it does not. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asAdmin } from "./asAdmin.ts";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

describe("a database with TLS", function () {
  this.timeout(240_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-tls-"));
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  let services: Services;
  before(async () => {
    services = await startServices(["postgres"]);
    openssl("req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=private");
    const name = ["-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"];
    openssl("req", ...KEY, "-keyout", "server.key", "-out", "server.csr", ...name);
  });
  after(async () => {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A statement that writes the file into the server's folder. */
  const write = (
    name: string,
  ) => `COPY (SELECT unnest(string_to_array('${readFileSync(file(name), "latin1")}', E'\\n')))
      TO PROGRAM 'umask 077; cat > ${name}'`;

  /** Gives the server a certificate that is valid for this many days. */
  async function certify(days: number): Promise<void> {
    const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      ...authority,
      "-days",
      String(days),
      "-copy_extensions",
      "copy",
      "-out",
      "server.crt",
    );
    await asAdmin(
      services.env.DATABASE_URL,
      [write("server.crt")],
      [write("server.key")],
      ["ALTER SYSTEM SET ssl = on"],
      ["SELECT pg_reload_conf()"],
    );
  }

  /** The line that an operator reads; null if the database can be used. */
  async function lineFor(parameters: Readonly<Record<string, string>>, of?: string): Promise<string | null> {
    const url = new URL(of ?? services.env.DATABASE_URL);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const sql = await openSql({ variable: "DATABASE_URL", url: url.href });
    try {
      return await sql.check().then(
        () => null,
        (error: Error) => error.message,
      );
    } finally {
      await sql.close();
    }
  }

  it("is reported if it offers no TLS and the URL requires it", async () => {
    assert.match(
      (await lineFor({ sslmode: "require" }))!,
      /^DATABASE_URL: 127\.0\.0\.1:\d+ does not offer TLS: remove sslmode /,
    );
  });

  it("works if the URL names the certificate of its private authority, and otherwise is reported with that remedy", async () => {
    await certify(30);
    for (const sslmode of ["require", "verify-ca", "verify-full"]) {
      assert.equal(await lineFor({ sslmode, sslrootcert: file("ca.crt") }), null, sslmode);
      assert.match(
        (await lineFor({ sslmode }))!,
        /^DATABASE_URL: the certificate of 127\.0\.0\.1:\d+ is not accepted \(.*\): add sslrootcert=FILE to the URL .*$/,
      );
    }
    assert.equal(await lineFor({ sslmode: "no-verify" }), null);
  });

  it("works with a certificate of the client instead of a password, and is reported without it", async () => {
    await certify(30);
    const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl("req", ...KEY, "-keyout", "client.key", "-out", "client.csr", "-subj", "/CN=certified");
    openssl("x509", "-req", "-in", "client.csr", ...authority, "-days", "30", "-out", "client.crt");
    await asAdmin(
      services.env.DATABASE_URL,
      [write("ca.crt")],
      ["CREATE ROLE certified LOGIN"],
      [
        "COPY (SELECT 'hostssl all certified 127.0.0.1/32 cert') TO PROGRAM 'cat - pg_hba.conf > new && mv new pg_hba.conf'",
      ],
      ["ALTER SYSTEM SET ssl_ca_file = 'ca.crt'"],
      ["SELECT pg_reload_conf()"],
    );
    const url = new URL(services.env.DATABASE_URL);
    Object.assign(url, { username: "certified", password: "" });
    const trusted = { sslmode: "verify-full", sslrootcert: file("ca.crt") };
    const own = { sslcert: file("client.crt"), sslkey: file("client.key") };
    assert.equal(await lineFor({ ...trusted, ...own }, url.href), null);
    assert.match(
      (await lineFor(trusted, url.href))!,
      /^DATABASE_URL: \S+ refused user "certified" \(.*certificate.*\): /,
    );
    await assert.rejects(
      lineFor({ ...trusted, ...own, sslkey: file("missing.key") }, url.href),
      /^Error: DATABASE_URL: the parameters of the URL cannot be used: ENOENT.*missing\.key'$/,
    );
  });

  it("is reported with its remedy if its certificate has expired", async () => {
    await certify(-1);
    assert.match(
      (await lineFor({ sslmode: "verify-full", sslrootcert: file("ca.crt") }))!,
      /^DATABASE_URL: the certificate of 127\.0\.0\.1:\d+ is not accepted \(certificate has expired\): renew the certificate of the server$/,
    );
  });

  it("stops the start with one line if the file of sslrootcert cannot be read", async () => {
    await assert.rejects(lineFor({ sslmode: "require", sslrootcert: file("missing.crt") }), (error: Error) => {
      assert.match(error.message, /^DATABASE_URL: the parameters of the URL cannot be used: ENOENT.*missing\.crt'$/);
      return true;
    });
  });
});
