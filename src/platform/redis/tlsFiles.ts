/**
 * The certificates that REDIS_URL names, by parameters with the names that they have in DATABASE_URL: `sslrootcert` (the authority
 * of the server's certificate), `sslcert` and `sslkey` (the program's own). The files are in PEM format.
 */
import { readFileSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";

const OPTIONS = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;
const NAMES = Object.keys(OPTIONS) as (keyof typeof OPTIONS)[];

/** Removes the parameters of certificates from `parameters`, and reads their files. Null if there is none. Throws one line. */
export function takeTlsFiles(parameters: URLSearchParams, isTls: boolean): SecureContextOptions | null {
  const given = NAMES.filter((name) => parameters.has(name));
  if (given.length === 0) return null;
  if (!isTls) throw new Error(`REDIS_URL: ${given[0]} requires TLS: expected a URL that begins with rediss`);
  if (given.includes("sslcert") !== given.includes("sslkey"))
    throw new Error("REDIS_URL: sslcert and sslkey belong together: set both, or neither");
  const files: SecureContextOptions = {};
  for (const name of given) {
    files[OPTIONS[name]] = read(name, parameters.get(name)!);
    parameters.delete(name);
  }
  return files;
}

function read(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`REDIS_URL: cannot read ${name}=${file} (${code}): expected a file in PEM format`);
  }
}
