import assert from "node:assert/strict";
import { defineUsage, readArguments, UsageError, usageText } from "../../../src/platform/commandLine/CommandUsage.ts";

const usage = defineUsage({
  command: "npm run sort",
  synopsis: "FILE [--order ORDER]",
  about: "Sorts a file.",
  options: {
    order: { value: "ORDER", fallback: "up", about: "up or down" },
    key: { value: "N", multiple: true, about: "column" },
    unique: { about: "drops repeated lines" },
  },
  settings: ["SORT_DIR"],
  exitCodes: { 0: "sorted", 2: "wrong arguments" },
  example: "names.txt --order down",
});

describe("the arguments of a command", () => {
  it("are read with their defaults", () => {
    assert.deepEqual(readArguments(usage, ["a.txt"]), {
      values: { order: "up", key: [], unique: false },
      positionals: ["a.txt"],
      isHelp: false,
    });
    const { values, isHelp } = readArguments(usage, ["--order=down", "--key", "1", "--key", "2", "--unique", "--help"]);
    assert.deepEqual(values, { order: "down", key: ["1", "2"], unique: true });
    assert.equal(isHelp, true);
  });

  it("are refused in one line that names the way out", () => {
    for (const args of [["--oder", "up"], ["-x"], ["--order"], ["--unique=yes"]]) {
      assert.throws(
        () => readArguments(usage, args),
        (error: Error) => {
          assert(error instanceof UsageError);
          assert.match(
            error.message,
            /^[^\n]*(--oder|-x|--order|--unique)[^\n]*; usage: npm run sort -- FILE \[--order ORDER\]; for all options: npm run sort -- --help$/,
          );
          return true;
        },
      );
    }
  });

  it("are described in the one form of all commands", () => {
    assert.equal(
      usageText(usage),
      `Usage: npm run sort -- FILE [--order ORDER]

Sorts a file.

Options, with the default in parentheses:
  --order ORDER  up or down (up)
  --key N        column; may be repeated
  --unique       drops repeated lines
  --help         prints this text

Settings (npm start -- --help explains them): SORT_DIR
Exit codes: 0 sorted; 2 wrong arguments
Example: npm run sort -- names.txt --order down
`,
    );
  });
});
