/**
 * The certificates that REDIS_URL names, by parameters with the names that they have in DATABASE_URL: `sslrootcert` (the authority
 * of the server's certificate), `sslcert` and `sslkey` (the program's own). The files are in PEM format.
 */
import type { SecureContextOptions } from "node:tls";
import { readAuthorities, readCertificate } from "../config/pemFiles.ts";

const NAMES = ["sslrootcert", "sslcert", "sslkey"];

/** Removes the parameters of certificates from `parameters`, and reads their files. Null if there is none. Throws one line. */
export function takeTlsFiles(parameters: URLSearchParams, isTls: boolean): SecureContextOptions | null {
  const given = NAMES.filter((name) => parameters.has(name));
  if (given.length === 0) return null;
  if (!isTls) throw new Error(`REDIS_URL: ${given[0]} requires TLS: expected a URL that begins with rediss`);
  if (given.includes("sslcert") !== given.includes("sslkey"))
    throw new Error("REDIS_URL: sslcert and sslkey belong together: set both, or neither");
  const [authorities, cert, key] = NAMES.map((name) => ({ name: `REDIS_URL: ${name}`, path: parameters.get(name)! }));
  for (const name of given) parameters.delete(name);
  return {
    ...(given.includes("sslrootcert") && { ca: readAuthorities(authorities) }),
    ...(given.includes("sslcert") && readCertificate(cert, key)),
  };
}
