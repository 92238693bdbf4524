/** The private folder of a Unix socket. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The name that node-postgres expects of a socket. */
export const SOCKET = ".s.PGSQL.5432";
const PREFIX = "hypogeum-sql-";
/** Limit of the length of a socket's path: 103 bytes on macOS, 107 on Linux. */
const PATH_BYTES_MAX = 103;
const SUFFIX_BYTES = 6;

/**
 * Creates a folder that only this user can enter, in the first of TMPDIR, `directory` and `/tmp` that can be used. Throws an error
 * of one line that names TMPDIR and what is wrong with each of the three.
 *
 * @param directory created if it is missing and needed
 */
export function makeSocketFolder(directory: string): string {
  const problems: string[] = [];
  for (const parent of new Set([path.resolve(tmpdir()), directory, "/tmp"])) {
    const tooLong = Buffer.byteLength(path.join(parent, PREFIX, SOCKET)) + SUFFIX_BYTES - PATH_BYTES_MAX;
    try {
      if (tooLong > 0) throw new Error(`too long by ${tooLong} bytes`);
      if (parent === directory) mkdirSync(parent, { recursive: true, mode: 0o700 });
      return mkdtempSync(path.join(parent, PREFIX));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      problems.push(`${parent} (${code ?? message})`);
    }
  }
  throw new Error(
    `TMPDIR: no place for the socket of the embedded database: ${problems.join(", ")}; set TMPDIR to a short path of a directory that this user can write to`,
  );
}

/** Removes folders in `directory` that killed programs have left there. Only for the program that uses `directory`. */
export function removeOtherFolders(directory: string, own: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith(PREFIX) && name !== path.basename(own))
      rmSync(path.join(directory, name), { recursive: true, force: true });
}
