#!/usr/bin/env node
/**
 * `npm run operator -- NAME ROLE [--token]`: prints an entry for OPERATORS_FILE. The password is the first line of the standard input;
 * with `--token`, a new token is made instead.
 */
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { digest } from "../../api/limits.ts";
import { OPERATOR_ROLES, type OperatorRole } from "../../api/operators/Operator.ts";
import { type OperatorEntry, readEntry } from "../../api/operators/OperatorsFile.ts";
import { Passwords } from "../../players/identity/Passwords.ts";

const PASSWORD_LENGTH_MIN = 12;
const USAGE = `Usage: npm run operator -- NAME ROLE [--token]
ROLE is ${OPERATOR_ROLES.join(", ")}. The password is read from the standard input, at least ${PASSWORD_LENGTH_MIN} characters.`;

async function credentialOf(isToken: boolean): Promise<Pick<OperatorEntry, "passwordHash" | "tokenHash">> {
  if (isToken) {
    const token = randomBytes(32).toString("base64url");
    process.stderr.write(`The token, which is shown only now: ${token}\n`);
    return { tokenHash: `sha256:${digest(token).toString("hex")}` };
  }
  if (process.stdin.isTTY) process.stderr.write("Password, then Enter and Ctrl-D (it is shown as you type):\n");
  const [password] = (await text(process.stdin)).split(/\r?\n/, 1);
  if (password.length < PASSWORD_LENGTH_MIN)
    throw new Error(`The password has ${password.length} characters: expected at least ${PASSWORD_LENGTH_MIN}`);
  return { passwordHash: await new Passwords().hash(password) };
}

const [name, role, option, ...rest] = process.argv.slice(2);
const isUsageWrong = role === undefined || rest.length > 0 || (option !== undefined && option !== "--token");
if (isUsageWrong || name === "--help" || !OPERATOR_ROLES.includes(role as OperatorRole)) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = name === "--help" ? 0 : 2;
} else {
  try {
    const entry = { name, role, ...(await credentialOf(option === "--token")) };
    process.stdout.write(`${JSON.stringify(readEntry(entry))}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
