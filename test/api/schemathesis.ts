/** Provides one version of Schemathesis, installed in a virtual environment outside the tree. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const VERSION = "4.32.5";
const run = promisify(execFile);

/** The path of the environment's Python. Installs Schemathesis if necessary; rejects if it cannot be installed. */
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
