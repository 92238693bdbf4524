/**
 * OPERATORS_FILE: the named operators. It is read again when it changes, so an operator can be added or removed without a restart.
 */
import { readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { asCalled } from "../../platform/commandLine/asCalled.ts";
import { OPERATOR_ROLES } from "./Operator.ts";

const operatorEntry = z
  .strictObject({
    name: z.string().regex(/^[^:\p{C}]{1,100}$/u, "expected 1 to 100 characters without a colon"),
    role: z.enum(OPERATOR_ROLES),
    passwordHash: z
      .string()
      .regex(
        /^\$scrypt\$ln=1?\d,r=\d{1,2},p=\d{1,2}\$[\w-]+\$[\w-]+$/,
        `expected a hash made by ${asCalled("npm run operator")}`,
      )
      .optional(),
    tokenHash: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, "expected sha256: and 64 hex digits")
      .optional(),
  })
  .refine(({ passwordHash, tokenHash }) => passwordHash !== undefined || tokenHash !== undefined, {
    message: "expected passwordHash or tokenHash",
  });

export type OperatorEntry = z.infer<typeof operatorEntry>;

/** Throws `OperatorsFileError`. */
export function readEntry(value: unknown): OperatorEntry {
  const parsed = operatorEntry.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OperatorsFileError(describe(parsed.error));
}

const operatorsFile = z.strictObject({
  operators: z
    .array(operatorEntry)
    .refine((entries) => new Set(entries.map(({ name }) => name)).size === entries.length, {
      message: "expected a different name for each operator",
    }),
});

/** The file cannot be used. The message is one line, and contains no hash. */
export class OperatorsFileError extends Error {}

export class OperatorsFile {
  readonly #path: string;
  readonly #onChange: (problem: string | null) => void;
  readonly #adminUser: string | undefined;
  #version: string;
  #entries: readonly OperatorEntry[];

  /**
   * `onChange` is called with null when the changed file was read, and with the reason when it cannot be used: the operators then
   * stay as they were. `adminUser`: ADMIN_USER, whose name no other operator may have. Throws `OperatorsFileError`.
   */
  constructor(path: string, onChange: (problem: string | null) => void, adminUser?: string) {
    this.#path = path;
    this.#onChange = onChange;
    this.#adminUser = adminUser;
    this.#version = versionOf(path);
    this.#entries = read(path, adminUser);
  }

  /** The operators now. */
  entries(): readonly OperatorEntry[] {
    const version = versionOf(this.#path);
    if (version === this.#version) return this.#entries;
    this.#version = version;
    try {
      this.#entries = read(this.#path, this.#adminUser);
      this.#onChange(null);
    } catch (error) {
      this.#onChange(`${(error as Error).message}. The operators that were read before remain valid`);
    }
    return this.#entries;
  }
}

/** Differs when the file was replaced or changed; empty if there is none. */
function versionOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

function read(path: string, adminUser: string | undefined): readonly OperatorEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorsFileError(
      `OPERATORS_FILE: cannot read ${JSON.stringify(path)} (${code ?? "not JSON"}): expected a JSON file with the operators`,
    );
  }
  const parsed = operatorsFile.safeParse(value);
  if (!parsed.success) throw new OperatorsFileError(`OPERATORS_FILE: ${describe(parsed.error)}`);
  const { operators } = parsed.data;
  const same = operators.findIndex(({ name }) => name === adminUser);
  if (same < 0) return operators;
  throw new OperatorsFileError(
    `OPERATORS_FILE: operators.${same}.name: expected a name that differs from ADMIN_USER, because the log of acts could not distinguish the two`,
  );
}

function describe({ issues: [{ path, message }] }: z.ZodError): string {
  return `${path.join(".") || "an entry"}: ${message}`;
}
