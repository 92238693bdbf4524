/**
 * Finds programs of Debian packages. A missing package is installed with apt-get if the user is root; otherwise the error names
 * it. The packages must not start their own system services, because each set of services runs its own instances.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cacheLog } from "./ensureCached.ts";
import { findProgram, run } from "./run.ts";

const policyFile = "/usr/sbin/policy-rc.d";
const policy =
  "#!/bin/sh\n# hypogeum: keeps packages from starting services while they are being installed\nexit 101\n";

let queue: Promise<unknown> = Promise.resolve();

/**
 * Returns the full path of what `find` finds. Installs `packageName` first if it finds nothing.
 * @param report called before apt-get runs.
 * @throws an error that names the package if it cannot be installed.
 */
export async function debianProgram(
  packageName: string,
  find: () => string | null,
  report: (step: string) => void = () => {},
): Promise<string> {
  const found = find();
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || findProgram("apt-get") === null) {
    throw new Error(
      `the Debian package "${packageName}" is not installed: install it (as root: apt-get install ${packageName}), or start a Docker engine`,
    );
  }
  report(`installing the Debian package ${packageName}`);
  // One at a time: apt-get processes would wait for each other's lock anyway.
  const installed = queue.then(() => install(packageName));
  queue = installed.catch(() => {});
  await installed;
  const program = find();
  if (program === null)
    throw new Error(`the Debian package "${packageName}" was installed, but the program is still missing`);
  return program;
}

async function install(packageName: string): Promise<void> {
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const log = { env: { DEBIAN_FRONTEND: "noninteractive" }, logFile: cacheLog(`apt-${packageName}`) };
  const release = forbidServiceStart();
  try {
    await run({ command: "apt-get", args: ["update", "-q", ...wait], ...log });
    await run({
      command: "apt-get",
      args: ["install", "-q", "-y", "--no-install-recommends", ...wait, packageName],
      ...log,
    });
  } finally {
    release();
  }
}

/**
 * Forbids packages to start services until the returned function is called. Does not change a policy that the machine already
 * has.
 */
function forbidServiceStart(): () => void {
  if (existsSync(policyFile) && readFileSync(policyFile, "utf8") !== policy) return () => {};
  writeFileSync(policyFile, policy, { mode: 0o755 });
  return () => rmSync(policyFile, { force: true });
}
