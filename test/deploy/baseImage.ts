import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { debianProgram } from "../../tools/services/native/apt.ts";
import { cacheLog, ensureCached } from "../../tools/services/native/ensureCached.ts";
import { findProgram, requireProgram, run } from "../../tools/services/native/run.ts";
import { context } from "./readDockerfile.ts";

const exec = promisify(execFile);

/**
 * Makes the root file system that stands for an image of Node, such as `node:24-bookworm-slim`: Debian's smallest installation,
 * which is kept in the cache, with the Node of the npm package, the npm of this machine, and the image's user.
 * @throws an error that says what this machine lacks.
 */
export async function makeBaseImage(image: string, root: string): Promise<void> {
  const [, major, suite] = /^node:(\d+)-(\w+)-slim$/.exec(image)!;
  await exec("cp", ["--archive", await debian(suite), root]);
  // Debian's installer copies both from this machine. A container engine mounts its own.
  for (const name of ["resolv.conf", "hosts"]) writeFileSync(path.join(root, "etc", name), "");
  const local = path.join(root, "usr/local");
  const node = path.join(context, "node_modules/node/bin/node");
  const { stdout } = await exec(node, ["--version"]);
  if (!stdout.startsWith(`v${major}.`)) throw new Error(`the image is ${image}, but ${node} is ${stdout.trim()}`);
  await exec("install", ["--mode=0755", node, path.join(local, "bin/node")]);
  const npm = path.resolve(realpathSync(requireProgram("npm", "the test of the Dockerfile", "npm")), "../..");
  mkdirSync(path.join(local, "lib/node_modules"));
  cpSync(npm, path.join(local, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(local, "bin", name));
  await exec("chroot", [root, "groupadd", "--gid=1000", "node"]);
  await exec("chroot", [root, "useradd", "--uid=1000", "--gid=node", "--shell=/bin/bash", "--create-home", "node"]);
}

async function debian(suite: string): Promise<string> {
  await exec("unshare", ["--mount", "--pid", "--fork", "true"]).catch(() => {
    throw new Error(
      "the test of the Dockerfile makes root file systems and mounts: run it as root on Linux (a container needs the capability SYS_ADMIN)",
    );
  });
  const sbin = "/usr/sbin/debootstrap";
  const find = () => findProgram("debootstrap") ?? (existsSync(sbin) ? sbin : null);
  const debootstrap = await debianProgram("debootstrap", find);
  return ensureCached(`debian-${suite}`, (folder) =>
    run({
      // It mounts /proc and /sys. If it is killed, their mounts are gone too, before the folder is deleted.
      command: "unshare",
      args: ["--mount", debootstrap, "--variant=minbase", suite, folder, "http://deb.debian.org/debian"],
      logFile: cacheLog(`debian-${suite}`),
    }),
  );
}
