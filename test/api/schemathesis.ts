/** Gives the command of Schemathesis: of one version, in an environment of its own outside the tree, made where it is missing. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const VERSION = "4.32.5";
const run = promisify(execFile);

/** Rejects saying what is missing. */
export async function schemathesis(): Promise<string> {
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "hypogeum");
  const folder = path.join(cache, `schemathesis-${VERSION}`);
  const python = path.join(folder, "bin", "python");
  const ready = path.join(folder, "ready");
  if (existsSync(ready)) return python;
  mkdirSync(cache, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  try {
    await run("python3", ["-m", "venv", folder]);
    await run(python, ["-m", "pip", "install", "--quiet", `schemathesis==${VERSION}`], { timeout: 600_000 });
  } catch (error) {
    throw new Error(
      `Schemathesis ${VERSION} cannot be installed; it needs Python 3.10 with venv: ${(error as Error).message}`,
    );
  }
  mkdirSync(`${ready}.new`);
  renameSync(`${ready}.new`, ready);
  return python;
}
