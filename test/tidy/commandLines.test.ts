/** Reads the command lines of the documents as the program would read them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readOptions } from "../../loadtest/options.ts";
import { usages } from "../../src/main/commands/usages.ts";
import { readRebuild } from "../../src/pipeline/rebuild/rebuildCommand.ts";
import { type CommandUsage, readArguments } from "../../src/platform/commandLine/CommandUsage.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";

const root = path.resolve(import.meta.dirname, "../..");
const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`),
]
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, text: readFileSync(path.join(root, name), "utf8") }));

/** The lines of shell blocks, and the code spans that call npm with arguments. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) => block.split("\n"));
  const spans = [...text.matchAll(/`(npm (?:run \S+|start) -- [^`]+)`/g)].map(([, span]) => span);
  return [...blocks, ...spans].map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}

/** Rejects if the program would refuse the arguments. */
async function check(line: string): Promise<void> {
  const [, script, rest] = /^npm (start|run \S+)(?: -- (.*))?$/.exec(line) ?? [];
  if (script === undefined) return;
  const args = rest?.split(/\s+/) ?? [];
  const name = script.replace("run ", "");
  if (args.includes("--help")) return;
  if (name === "start") readConfig(args, {});
  else if (name === "loadtest") await readOptions(args);
  else if (Object.hasOwn(usages, name)) readArguments(usages[name as keyof typeof usages] as CommandUsage, args);
  if (name === "rebuild") assert.equal(readRebuild(args).isConfirmed, true, "rebuild does nothing without --yes");
}

describe("the command lines of the documents", () => {
  for (const { name, text } of documents) {
    it(`run as they are written in ${name}`, async () => {
      for (const line of commandLines(text)) await assert.doesNotReject(check(line), line);
    });
  }

  it("are found", () => {
    assert(documents.flatMap(({ text }) => commandLines(text)).filter((line) => line.startsWith("npm ")).length > 20);
  });

  it("never let npx download a package with the name of the program, which may be a stranger's", () => {
    const found = documents.flatMap(({ name, text }) =>
      [...text.matchAll(/\bnpx (?!--no-install )(?:\S+ )*hypogeum\b.*/g)].map(([line]) => `${name}: ${line}`),
    );
    assert.deepEqual(found, []);
  });

  it("run TypeScript with the Node that npm installs, because the other may be too old", () => {
    const sources = readdirSync(path.join(root, "examples"), { recursive: true, encoding: "utf8" })
      .filter((name) => path.extname(name) !== "")
      .map((name) => ({
        name: `examples/${name}`,
        text: readFileSync(path.join(root, "examples", name), "utf8"),
      }));
    const found = [...documents, ...sources].flatMap(({ name, text }) =>
      [...text.matchAll(/(?<!npx )\bnode \S+\.ts\b.*/g)].map(([line]) => `${name}: ${line}`),
    );
    assert.deepEqual(found, []);
  });
});

describe("the example in the help of a command", () => {
  for (const [name, usage] of Object.entries(usages)) {
    it(`of ${name} is accepted by it`, () => {
      readArguments(usage as CommandUsage, usage.example.split(" ").filter(Boolean));
    });
  }
});
