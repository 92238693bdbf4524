/** `npm run licences`: the licences of all packages of the lockfile, those of development too. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type CommandArguments, defineUsage, refusePositionals } from "../../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../../src/platform/commandLine/runCommand.ts";

/** SPDX expressions. They allow use and distribution, with the licence's text. */
const APPROVED = new Set([
  ...["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT", "MIT-0", "PSF-2.0"],
  ...["(MIT AND Zlib)", "Apache-2.0 AND BSL-1.0", "MIT OR Apache-2.0"],
  // Weak copyleft: it applies only to changed files of the package, and no file is changed.
  "MPL-2.0",
]);

/** Packages whose `license` is missing or no SPDX expression, and the licence that their files state. */
const STATED: Readonly<Record<string, string>> = {
  "@colyseus/playground": "MIT",
  "@pm2/io": "Apache-2.0",
};

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

export interface Licence {
  readonly name: string;
  readonly version: string;
  /** Null if the package names none. */
  readonly licence: string | null;
  /** Whether a production install leaves it out. */
  readonly isDevelopment: boolean;
}

/** The packages of a lockfile, sorted by name. `packages`: what the lockfile has under this name. */
export function licencesOf(packages: Readonly<Record<string, Locked>>): Licence[] {
  return Object.entries(packages)
    .filter(([folder]) => folder !== "")
    .map(([folder, { version = "", license, dev = false }]) => {
      const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
      return { name, version, licence: STATED[name] ?? license ?? null, isDevelopment: dev };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export const unapproved = (all: readonly Licence[]): Licence[] =>
  all.filter(({ licence }) => licence === null || !APPROVED.has(licence));

const usage = defineUsage({
  command: "npm run licences",
  synopsis: "",
  about: "Lists the licences of all packages in the lockfile, including development packages.",
  options: {},
  settings: [],
  exitCodes: { 0: "all licences are approved", 1: "a licence is not approved", 2: "wrong arguments" },
  example: "",
});

/** Returns the exit code. */
function list({ positionals }: CommandArguments<typeof usage.options>): number {
  refusePositionals(usage, positionals);
  const lockfile = path.resolve(import.meta.dirname, "../../package-lock.json");
  const all = licencesOf(JSON.parse(readFileSync(lockfile, "utf8")).packages);
  for (const { name, version, licence, isDevelopment } of all)
    process.stdout.write(`${name}@${version}\t${licence ?? "none"}${isDevelopment ? "\tdevelopment only" : ""}\n`);
  const refused = unapproved(all);
  for (const { name, licence } of refused)
    process.stderr.write(
      `${name}: licence ${licence ?? "not stated"} is not approved: read it, then add it to tools/licences\n`,
    );
  return refused.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await runCommand(usage, list);
