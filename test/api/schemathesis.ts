/** Provides one version of Schemathesis, installed in a virtual environment outside the tree. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { ensureCached } from "../../tools/services/native/ensureCached.ts";

const VERSION = "4.32.5";
const run = promisify(execFile);
const pythonIn = (folder: string) => path.join(folder, "bin", "python");

/** The path of the environment's Python. Installs Schemathesis if necessary; rejects if it cannot be installed. */
export async function schemathesis(): Promise<string> {
  try {
    return pythonIn(await ensureCached(`schemathesis-${VERSION}`, install));
  } catch (error) {
    throw new Error(
      `Schemathesis ${VERSION} cannot be installed; it needs Python 3.10 with venv: ${(error as Error).message}`,
    );
  }
}

/** The environment works after its folder is renamed, as long as its scripts are run by `python -m`. */
async function install(folder: string): Promise<void> {
  await run("python3", ["-m", "venv", folder]);
  await run(pythonIn(folder), ["-m", "pip", "install", "--quiet", `schemathesis==${VERSION}`], { timeout: 600_000 });
}
