/**
 * Finds a Chromium for the browser tests, and installs Debian's package with apt if there is none. Run as a program, it prints
 * the path.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const PACKAGES = ["chromium", "fonts-dejavu-core"];

const found = (): string | undefined =>
  [process.env.CHROMIUM, ...PATHS].find((path) => path !== undefined && path !== "" && existsSync(path));

/** Path of the browser. Installs it when run as root; otherwise throws with the command to install it. */
export function ensureChromium(): string {
  const existing = found();
  if (existing !== undefined) return existing;
  const notFound = `no Chromium at ${PATHS.join(", ")}; install it (sudo apt-get install ${PACKAGES.join(" ")}) or set CHROMIUM to its path`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new Error(notFound);
  const apt = (...args: string[]): void => {
    execFileSync("apt-get", args, { stdio: "pipe", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  };
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...PACKAGES);
  const installed = found();
  if (installed === undefined)
    throw new Error(`apt installed ${PACKAGES.join(" and ")}, but there is still ${notFound}`);
  return installed;
}

if (import.meta.main) console.log(ensureChromium());
