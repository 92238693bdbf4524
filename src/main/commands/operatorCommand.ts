import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { digest } from "../../api/limits.ts";
import { OPERATOR_PASSWORD_LENGTH_MIN, OPERATOR_ROLES, type OperatorRole } from "../../api/operators/Operator.ts";
import { type OperatorEntry, readEntry } from "../../api/operators/OperatorsFile.ts";
import { defineUsage, readArguments, refusePositionals, usageError } from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import { Passwords } from "../../players/identity/Passwords.ts";

export const operatorUsage = defineUsage({
  command: "npm run operator",
  synopsis: "NAME ROLE [--token]",
  about: `Prints an entry for OPERATORS_FILE. ROLE is ${OPERATOR_ROLES.join(", ")}. The password is the first line of the standard
input, at least ${OPERATOR_PASSWORD_LENGTH_MIN} characters.`,
  options: {
    token: {
      about: "creates a bearer token instead of reading a password, and prints the token once, to standard error",
    },
  },
  settings: [],
  exitCodes: { 0: "printed", 1: "the name or the password is invalid", 2: "wrong arguments" },
  example: "ana moderate --token",
});

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Resolves to the exit code. Throws `UsageError` for wrong arguments. */
export async function operatorCommand(args: string[], input: Input, terminal: Terminal): Promise<number> {
  const { values, positionals } = readArguments(operatorUsage, args);
  const [name, role, ...rest] = positionals;
  if (name === undefined || role === undefined) throw usageError(operatorUsage, "NAME and ROLE are missing");
  refusePositionals(operatorUsage, rest);
  if (!isRole(role))
    throw usageError(
      operatorUsage,
      `invalid role ${JSON.stringify(role)}: expected one of ${OPERATOR_ROLES.join(", ")}`,
    );
  const credential = values.token ? makeToken(terminal) : await readPassword(input, terminal);
  terminal.out(`${JSON.stringify(readEntry({ name, role, ...credential }))}\n`);
  return 0;
}

const isRole = (role: string): role is OperatorRole => (OPERATOR_ROLES as readonly string[]).includes(role);

function makeToken(terminal: Terminal): Pick<OperatorEntry, "tokenHash"> {
  const token = randomBytes(32).toString("base64url");
  terminal.err(`Token (it cannot be shown again): ${token}\n`);
  return { tokenHash: `sha256:${digest(token).toString("hex")}` };
}

async function readPassword(input: Input, terminal: Terminal): Promise<Pick<OperatorEntry, "passwordHash">> {
  if (input.isTTY) terminal.err("Type the password, then press Enter and Ctrl-D (the password is visible):\n");
  const [password] = (await text(input)).split(/\r?\n/, 1);
  if (password.length < OPERATOR_PASSWORD_LENGTH_MIN)
    throw new Error(
      `The password has ${password.length} characters: expected at least ${OPERATOR_PASSWORD_LENGTH_MIN}`,
    );
  return { passwordHash: await new Passwords().hash(password) };
}
