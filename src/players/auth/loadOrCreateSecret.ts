import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export const SECRET_FILE = "jwt-secret";

/**
 * Returns the key in `dataDir`, which signs tokens when `JWT_SECRET` is not set. Creates it if it is missing, in a file that
 * only its owner can read. Throws if the file holds fewer than 32 characters.
 */
export function loadOrCreateSecret(dataDir: string): string {
  const file = path.join(dataDir, SECRET_FILE);
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new Error(
      `${file}: the key is too short: expected at least 32 characters; delete the file to create a new key`,
    );
  return secret;
}
