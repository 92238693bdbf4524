import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { digest } from "../../../src/api/limits.ts";
import { operatorCommand } from "../../../src/main/commands/operatorCommand.ts";
import { UsageError } from "../../../src/platform/commandLine/CommandUsage.ts";
import { Passwords } from "../../../src/players/identity/Passwords.ts";

describe("npm run operator", () => {
  async function run(args: string[], input = "") {
    const printed = { out: "", err: "" };
    const code = await operatorCommand(args, Readable.from([input]), {
      out: (text) => void (printed.out += text),
      err: (text) => void (printed.err += text),
    });
    assert.equal(code, 0);
    return { entry: JSON.parse(printed.out), err: printed.err };
  }

  it("prints an entry with the hash of the password, which is the first line of the input", async () => {
    const { entry, err } = await run(["ana", "moderate"], "correct horse battery\r\nmore\n");
    assert.equal(err, "");
    const { passwordHash, ...rest } = entry;
    assert.deepEqual(rest, { name: "ana", role: "moderate" });
    assert.equal(await new Passwords().verify("correct horse battery", passwordHash), true);
  });

  it("prints an entry with the hash of a new token, and the token itself only as an error line", async () => {
    const { entry, err } = await run(["ci", "view", "--token"]);
    const [, token] = /^Token \(it cannot be shown again\): (\S{43})\n$/.exec(err)!;
    assert.deepEqual(entry, { name: "ci", role: "view", tokenHash: `sha256:${digest(token).toString("hex")}` });
  });

  it("refuses a short password and a name that cannot be used", async () => {
    await assert.rejects(
      run(["ana", "view"], "short\n"),
      /^Error: The password has 5 characters: expected at least 12$/,
    );
    await assert.rejects(run(["a:b", "view", "--token"]), /expected 1 to 100 characters without a colon/);
  });

  for (const args of [[], ["ana"], ["ana", "root"], ["ana", "view", "more"], ["ana", "view", "--tokn"]])
    it(`refuses the arguments ${JSON.stringify(args)}`, () => assert.rejects(run(args), UsageError));
});
