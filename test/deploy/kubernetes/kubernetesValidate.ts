/** Provides one version of kubernetes-validate, installed in a virtual environment outside the tree. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { ensureCached } from "../../../tools/services/native/ensureCached.ts";

const VERSION = "1.34.1";
const run = promisify(execFile);
const pythonIn = (folder: string) => path.join(folder, "bin", "python");

/** Rejects with its output if a resource in the files does not match the schemas of this version of Kubernetes. */
export async function validate(kubernetes: string, files: readonly string[]): Promise<void> {
  const python = pythonIn(await ensureCached(`kubernetes-validate-${VERSION}`, install));
  try {
    await run(python, ["-m", "kubernetes_validate", "--strict", "-k", kubernetes, ...files]);
  } catch (error) {
    const { stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(
      `${stdout}${stderr}`
        .split("\n")
        .filter((line) => !line.startsWith("INFO"))
        .join("\n"),
    );
  }
}

/** The environment works after its folder is renamed, as long as its scripts are run by `python -m`. */
async function install(folder: string): Promise<void> {
  await run("python3", ["-m", "venv", folder]);
  await run(pythonIn(folder), ["-m", "pip", "install", "--quiet", `kubernetes-validate==${VERSION}`], {
    timeout: 600_000,
  });
}
