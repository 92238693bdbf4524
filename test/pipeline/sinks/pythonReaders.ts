/** Provides Python with the libraries that docs/lake.md names, in a virtual environment outside the tree. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { ensureCached } from "../../../tools/services/native/ensureCached.ts";

const LIBRARIES = ["pandas==3.1.1", "polars==2.1.0", "pyarrow==26.0.1", "pyspark==4.2.0"];
const run = promisify(execFile);
const pythonIn = (folder: string) => path.join(folder, "bin", "python");

/** The path of the environment's Python. Installs the libraries if necessary; rejects if they cannot be installed. */
export async function pythonReaders(): Promise<string> {
  try {
    return pythonIn(await ensureCached(LIBRARIES.join("-").replaceAll("==", "-"), install));
  } catch (error) {
    throw new Error(
      `${LIBRARIES.join(", ")} cannot be installed; they need Python 3.11 with venv: ${(error as Error).message}`,
    );
  }
}

async function install(folder: string): Promise<void> {
  await run("python3", ["-m", "venv", folder]);
  await run(pythonIn(folder), ["-m", "pip", "install", "--quiet", ...LIBRARIES], { timeout: 1_200_000 });
}
