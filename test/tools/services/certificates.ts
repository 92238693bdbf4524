/** Certificates of a private authority for 127.0.0.1, made by openssl in a folder: `ca`, `server` and `client`, each .crt and .key. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export class Certificates {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "hypogeum-certificates-"));

  constructor() {
    // The services run as other users.
    chmodSync(this.#folder, 0o755);
    this.#openssl("req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=private");
    for (const name of ["server", "client"]) {
      const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
      this.#openssl("req", ...KEY, "-keyout", `${name}.key`, "-out", `${name}.csr`, ...subject);
      const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"];
      const made = ["-in", `${name}.csr`, "-copy_extensions", "copy", "-out", `${name}.crt`];
      this.#openssl("x509", "-req", ...authority, ...made);
    }
  }

  file(name: string): string {
    return path.join(this.#folder, name);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }
}
