/** Secrets in files, as Docker and Kubernetes mount them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { planProcesses } from "../../../src/main/multiProcess/processPlan.ts";
import { ConfigError, readConfig } from "../../../src/platform/config/readConfig.ts";
import { secretVariables } from "../../../src/platform/config/secretFiles.ts";
import { type Setting, settings } from "../../../src/platform/config/settings.ts";
import { helpText } from "../../../src/platform/config/startUsage.ts";

const KEY = "0123456789abcdef0123456789abcdef";

describe("a secret in a file", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-secrets-"));
  const fileWith = (text: string): string => {
    const file = path.join(folder, "secret");
    writeFileSync(file, text);
    return file;
  };
  const refused = (env: Record<string, string>, message: RegExp) =>
    assert.throws(
      () => readConfig([], env),
      (error: Error) => error instanceof ConfigError && message.test(error.message) && !error.message.includes(KEY),
    );
  after(() => rmSync(folder, { recursive: true }));

  it("is read without its last line break, for settings and for those that other parts read", () => {
    for (const end of ["", "\n", "\r\n"])
      assert.equal(readConfig([], { JWT_SECRET_FILE: fileWith(KEY + end) }).jwtSecret, KEY);
    for (const variable of secretVariables.filter((name) => /^(KAFKA|AWS)_/.test(name)))
      assert.equal(readConfig([], { [`${variable}_FILE`]: fileWith(`${KEY}\n`) }).env[variable], KEY);
    const two = readConfig([], { JWT_ACCEPTED_SECRETS_FILE: fileWith(`${KEY}1\n${KEY}2\n`) });
    assert.deepEqual(two.jwtAcceptedSecrets, [`${KEY}1`, `${KEY}2`]);
    const withComma = `${KEY},${KEY}`;
    const lines = readConfig([], { JWT_ACCEPTED_SECRETS: `${withComma}\n${KEY}` });
    assert.deepEqual(lines.jwtAcceptedSecrets, [withComma, KEY], "a line is one key");
  });

  it("is possible for every secret, as the help text says", () => {
    const help = helpText();
    for (const { variable, secret } of Object.values<Setting>(settings)) {
      if (!secret) continue;
      refused({ [`${variable}_FILE`]: folder }, new RegExp(`^${variable}_FILE: cannot read .*\\(EISDIR\\): expected`));
      assert(help.includes(`${variable}_FILE`));
    }
  });

  it("stops the start if it cannot be read, is empty or invalid, or if the value is set too", () => {
    const missing = path.join(folder, "missing");
    refused({ DATABASE_URL_FILE: missing }, /^DATABASE_URL_FILE: cannot read ".*missing" \(ENOENT\): expected a file/);
    refused({ JWT_SECRET_FILE: fileWith("\n") }, /^JWT_SECRET_FILE: ".*" is empty: expected the value of JWT_SECRET$/);
    refused({ JWT_SECRET_FILE: fileWith("short") }, /^JWT_SECRET: invalid value \(not shown\)/);
    const both = { JWT_SECRET_FILE: fileWith(KEY), JWT_SECRET: KEY };
    refused(both, /^JWT_SECRET_FILE: JWT_SECRET is set too: set only one of them$/);
    assert.equal(readConfig([], { JWT_SECRET_FILE: "", JWT_SECRET: KEY }).jwtSecret, KEY);
  });

  it("is passed to further processes as the name of its file", () => {
    const JWT_SECRET_FILE = fileWith(KEY);
    const [{ env }] = planProcesses(readConfig([], { JWT_SECRET_FILE, PROCESSES: "2" }), [1, 2, 3]).games;
    assert.deepEqual([env.JWT_SECRET_FILE, env.JWT_SECRET], [JWT_SECRET_FILE, undefined]);
    assert.equal(readConfig([], env).jwtSecret, KEY);
  });
});
