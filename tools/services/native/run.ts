/** Runs another program to its end with its output in a log file. Errors say what failed and how to fix it. */
import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly logFile: string;
}

/** @throws an error with the last output of the command if it fails. */
export async function run({ command, args, cwd, env, owner, logFile }: Command): Promise<void> {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", log, log], ...owner });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("exit", resolve);
    });
    if (code !== 0) throw new Error(`${command} ${args[0]} failed with exit code ${code}:\n${tail(logFile)}`);
  } finally {
    closeSync(log);
  }
}

/** The last lines of a log, indented. */
export function tail(logFile: string, lines = 15): string {
  const text = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines);
  return `${text.map((line) => `  ${line}`).join("\n")}\n  (${logFile})`;
}

/** The full path of a program on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** @throws an error that says what is missing, why it is needed and how to install it. */
export function requireProgram(name: string, purpose: string, debianPackage: string): string {
  const found = findProgram(name);
  if (found !== null) return found;
  throw new Error(
    `${purpose} needs the program "${name}", which is not on the PATH: install it (Debian: apt-get install ${debianPackage}), or start a Docker engine`,
  );
}
