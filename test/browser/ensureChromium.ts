/**
 * Owns finding a Chromium to test the page in: Debian's package, installed by apt where that is possible. Run as a
 * program, it installs and says where it is.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const PACKAGES = ["chromium", "fonts-dejavu-core"];

const found = (): string | undefined =>
  [process.env.CHROMIUM, ...PLACES].find((path) => path !== undefined && path !== "" && existsSync(path));

/** Path of the browser. Installs it when root; otherwise throws with what to type. */
export function ensureChromium(): string {
  const there = found();
  if (there !== undefined) return there;
  const byHand = `no Chromium at ${PLACES.join(", ")}; install it (sudo apt-get install ${PACKAGES.join(" ")}) or set CHROMIUM to its path`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new Error(byHand);
  const apt = (...args: string[]): void => {
    execFileSync("apt-get", args, { stdio: "pipe", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  };
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...PACKAGES);
  const installed = found();
  if (installed === undefined) throw new Error(`apt installed ${PACKAGES.join(" and ")}, and yet there is ${byHand}`);
  return installed;
}

if (import.meta.main) console.log(ensureChromium());
