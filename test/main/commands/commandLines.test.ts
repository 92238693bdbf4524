/** Every command of package.json, as npm runs it. Those of other programs, such as mocha, are not ours. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { helpText } from "../../../src/platform/config/startUsage.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, args] = /^(?:exec )?node (\S+(?: \S+)?)$/.exec(script) ?? [];
  return args === undefined ? [] : [{ name, args: args.split(" ") }];
});

interface Outcome {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: root }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
    child.stdin!.end();
  });
}

const explained = helpText();

describe("the commands of package.json", function () {
  this.timeout(240_000);

  it("are found", () => {
    const names = commands.map(({ name }) => name);
    for (const name of ["start", "operator", "migrate", "soak", "services", "bench", "build", "sbom"])
      assert(names.includes(name), name);
  });

  for (const { name, args } of commands) {
    const command = name === "start" ? "npm start" : `npm run ${name}`;

    it(`${name} answers --help with its options, settings, exit codes and an example`, async () => {
      const { code, out, err } = await run([...args, "--help"]);
      assert.deepEqual([code, err], [0, ""]);
      assert(out.startsWith(`Usage: ${command}`), out);
      for (const part of ["Options", "Settings", "Exit codes: 0 ", `Example: ${command}`])
        assert(out.includes(`\n${part}`), part);
      const [, elsewhere] = /^Settings \(npm start -- --help explains them\): (.*)$/m.exec(out) ?? [];
      for (const variable of elsewhere?.split(", ") ?? [])
        assert(explained.includes(variable.replace("*", "")), variable);
    });

    it(`${name} refuses an unknown option in one line that names the way out, with exit code 2`, async () => {
      const { code, out, err } = await run([...args, "--no-such-option"]);
      assert.deepEqual([code, out], [2, ""], err);
      assert.match(err, /^Unknown option '--no-such-option'; usage: [^\n]*--help\n$/);
    });
  }
});
