/** The private folder of a Unix socket. */
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The name that node-postgres expects of a socket. */
export const SOCKET = ".s.PGSQL.5432";
const PREFIX = "hypogeum-sql-";
/** Of the path of a socket: the limit of macOS; that of Linux is 107. */
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
    const problem = problemOf(parent, parent === directory);
    if (problem === null) return mkdtempSync(path.join(parent, PREFIX));
    problems.push(`${parent} (${problem})`);
  }
  throw new Error(
    `TMPDIR: no place for the socket of the embedded database: ${problems.join(", ")}; set TMPDIR to a short path of a directory that this user can write to`,
  );
}

/** Removes the folders in `directory` that programs left behind which were killed. Only for the program that uses `directory`. */
export function removeOtherFolders(directory: string, own: string): void {
  for (const name of readdirSync(directory))
    if (name.startsWith(PREFIX) && name !== path.basename(own))
      rmSync(path.join(directory, name), { recursive: true, force: true });
}

function problemOf(parent: string, create: boolean): string | null {
  const bytes = Buffer.byteLength(path.join(parent, PREFIX, SOCKET)) + SUFFIX_BYTES;
  if (bytes > PATH_BYTES_MAX) return `too long by ${bytes - PATH_BYTES_MAX} bytes`;
  try {
    if (create) mkdirSync(parent, { recursive: true, mode: 0o700 });
    accessSync(parent, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unusable";
  }
}
