/** Reads certificates and private keys in PEM format. Errors are one line. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

export interface PemFile {
  /** What names the file, and begins the errors: `KAFKA_SSL_CA`, or `REDIS_URL: sslrootcert`. */
  readonly name: string;
  readonly path: string;
}

/** The certificates of the authorities that may have signed that of the other side. */
export function readAuthorities(file: PemFile): string {
  const text = read(file, "CA certificates");
  inForm(file, "CA certificates in PEM format", () => new X509Certificate(text));
  return text;
}

/** The program's own certificate, and its key. Throws if they do not belong together. */
export function readCertificate(certFile: PemFile, keyFile: PemFile): { readonly cert: string; readonly key: string } {
  const cert = read(certFile, "a certificate");
  const key = read(keyFile, "a private key");
  const parsed = inForm(certFile, "a certificate in PEM format", () => new X509Certificate(cert));
  const own = inForm(keyFile, "an unencrypted private key in PEM format", () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(own))
    throw new Error(`${keyFile.name}: ${shown(keyFile)} is not the private key of the certificate ${shown(certFile)}`);
  return { cert, key };
}

const shown = ({ path }: PemFile) => JSON.stringify(path);

function read(file: PemFile, expected: string): string {
  try {
    return readFileSync(file.path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${file.name}: cannot read ${shown(file)} (${code}): expected a file with ${expected}`);
  }
}

function inForm<T>(file: PemFile, expected: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Error(`${file.name}: invalid content of ${shown(file)}: expected ${expected}`);
  }
}
