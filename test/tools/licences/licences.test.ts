import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { licencesOf, unapproved } from "../../../tools/licences/licences.ts";

const lockfile = path.resolve(import.meta.dirname, "../../../package-lock.json");

describe("the licences of packages", () => {
  it("are all approved", () => {
    const all = licencesOf(JSON.parse(readFileSync(lockfile, "utf8")).packages);
    assert.ok(all.length > 100);
    assert.deepEqual(unapproved(all), []);
  });

  it("are refused if unknown, missing, or approved only as a part", () => {
    const all = licencesOf({
      "": { license: "Apache-2.0" },
      "node_modules/a": { version: "1.0.0", license: "MIT" },
      "node_modules/b": { version: "1.0.0", license: "AGPL-3.0" },
      "node_modules/a/node_modules/@c/c": { version: "1.0.0", dev: true },
      "node_modules/d": { version: "1.0.0", license: "MIT AND AGPL-3.0" },
    });
    assert.deepEqual(
      unapproved(all).map(({ name, licence, isDevelopment }) => [name, licence, isDevelopment]),
      [
        ["@c/c", null, true],
        ["b", "AGPL-3.0", false],
        ["d", "MIT AND AGPL-3.0", false],
      ],
    );
  });
});
