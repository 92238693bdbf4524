/** A copy of the program's source in which declarations are edited: another build, as an upgrade or a downgrade brings it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** What the program and its games need. Not links: imports would lead back to the files that are not edited. */
const COPIED = [
  "src",
  "rooms",
  "schema",
  "package.json",
  "test/tag",
  "test/rooms/quickArena.ts",
  "test/chaos/games.ts",
];

/** Replaces the only occurrence of a text in a file. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export class Variant {
  readonly #directory: string;

  constructor(directory: string, edits: readonly Edit[]) {
    this.#directory = directory;
    mkdirSync(path.join(directory, "web"), { recursive: true });
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(directory, name), { recursive: true });
    for (const name of ["node_modules", "web/dist"])
      symlinkSync(realpathSync(path.join(ROOT, name)), path.join(directory, name));
    for (const { file, from, to } of edits) {
      const target = path.join(directory, file);
      const parts = readFileSync(target, "utf8").split(from);
      assert.equal(parts.length, 2, `${file} does not have ${JSON.stringify(from)} once`);
      writeFileSync(target, parts.join(to));
    }
  }

  /** The module that starts the server. */
  get start(): string {
    return path.join(this.#directory, "src/main/start.ts");
  }

  /** For GAMES: the arena and tag of this build, with short matches. */
  get games(): string {
    return path.join(this.#directory, "test/chaos/games.ts");
  }

  /** Runs a command, such as `audit`. Resolves to what it prints. Rejects with all output after an exit code that is not in `codes`. */
  async run(
    env: Readonly<Record<string, string>>,
    args: readonly string[],
    codes: readonly number[] = [0],
  ): Promise<string> {
    const entry = path.join(this.#directory, "src/main/hypogeum.cjs");
    const child = spawn(process.execPath, [entry, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, GAMES: this.games, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (part: string) => void (out += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => void (err += part));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    assert(code !== null && codes.includes(code), `${args.join(" ")} ended with ${code}: ${out}${err}`);
    return out;
  }
}
