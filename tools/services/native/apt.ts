/**
 * Programs from Debian's packages: found where they are, installed by apt-get when root, asked for otherwise. The
 * packages' own system services are kept from starting: each set of services runs instances of its own.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cacheLog } from "./cached.ts";
import { findProgram, run } from "./run.ts";

const policyFile = "/usr/sbin/policy-rc.d";
const policy =
  "#!/bin/sh\n# hypogeum: keeps packages from starting services while they are being installed\nexit 101\n";

let queue: Promise<unknown> = Promise.resolve();

/**
 * The full path of what `find` finds, after installing `packageName` if it finds nothing.
 * @param report told before apt-get is run.
 * @throws naming the package where it cannot be installed from here.
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
      `Debian's package "${packageName}" is missing: as root, apt-get install ${packageName}; for the services, a Docker engine will do instead`,
    );
  }
  report(`installing Debian's package ${packageName}`);
  // One at a time: apt-get itself would only wait for its lock.
  const installed = queue.then(() => install(packageName));
  queue = installed.catch(() => {});
  await installed;
  const program = find();
  if (program === null) throw new Error(`Debian's package "${packageName}" was installed but brought no such program`);
  return program;
}

/** The full path of kcat, the command-line client of Kafka; installed if need be. */
export function kcat(): Promise<string> {
  return debianProgram("kcat", () => findProgram("kcat"));
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

/** @returns what ends the ban. A policy of the machine's own is left as it is. */
function forbidServiceStart(): () => void {
  if (existsSync(policyFile) && readFileSync(policyFile, "utf8") !== policy) return () => {};
  writeFileSync(policyFile, policy, { mode: 0o755 });
  return () => rmSync(policyFile, { force: true });
}
