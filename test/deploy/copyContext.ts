import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { context } from "./readDockerfile.ts";

const WILDCARDS: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };

/**
 * Copies what .dockerignore lets through into a folder, as if a checkout under `umask 077` were built: nobody but its owner may read
 * the files.
 */
export function copyContext(to: string): void {
  const rules = readFileSync(path.join(context, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ name: line.replace(/^!/, ""), isKept: line.startsWith("!") }));
  /** The last rule for the file or a folder above it decides. */
  const isKept = (file: string): boolean =>
    rules.findLast(({ name }) => withParents(file).some((one) => patternOf(name).test(one)))?.isKept ?? true;
  const leadsToKept = (folder: string): boolean =>
    rules.some((rule) => rule.isKept && rule.name.startsWith(`${folder}/`));
  cpSync(context, to, {
    recursive: true,
    filter(from) {
      const file = path.relative(context, from);
      return file === "" || isKept(file) || leadsToKept(file);
    },
  });
  execFileSync("chmod", ["--recursive", "go=", to]);
}

/** `a/b/c` is `a`, `a/b` and `a/b/c`. */
function withParents(file: string): string[] {
  const names = file.split("/");
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** Unlike in a shell, `*` also matches names that begin with a dot. */
function patternOf(name: string): RegExp {
  const parts = name.split(/(\*\*\/|\*\*|\*|\?)/);
  const escaped = parts.map((part) => WILDCARDS[part] ?? part.replace(/[.+^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("")}$`);
}
