/** A page of PAGE_DIR, served by a real process. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Program } from "../chaos/Program.ts";
import { sendRaw } from "./rawRequest.ts";

describe("PAGE_DIR", function () {
  this.timeout(120_000);
  let folder = "";
  let program: Program;
  before(async () => {
    folder = mkdtempSync("/tmp/hypogeum-page-");
    const page = path.join(folder, "page");
    mkdirSync(path.join(page, "assets"), { recursive: true });
    writeFileSync(path.join(page, "index.html"), "<!doctype html><title>ours</title>");
    writeFileSync(path.join(page, "assets/main-character.js"), "export {};");
    writeFileSync(path.join(page, ".env"), "hidden");
    writeFileSync(path.join(folder, "secret"), "outside");
    program = await Program.start({ dataDir: path.join(folder, "data"), env: { PAGE_DIR: page } });
  });
  after(async () => {
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (file: string) => {
    const response = await fetch(`${program.url}${file}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it("is served instead of the built-in page, and browsers revalidate all of it", async () => {
    const { text, headers } = await get("/");
    assert.match(text, /<title>ours/);
    assert.match(String(headers.get("content-security-policy")), /wasm-unsafe-eval/);
    const script = await get("/assets/main-character.js");
    assert.deepEqual([script.status, script.headers.get("cache-control")], [200, "no-cache"]);
    assert.match(String(script.headers.get("content-type")), /javascript/);
  });

  it("shows nothing outside of it, and no hidden file", async () => {
    for (const file of ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/.env", "/assets/..%5c..%5csecret"]) {
      const answer = await sendRaw(program.port, `GET ${file}`, ["host: localhost", "connection: close"]);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, file);
      assert.doesNotMatch(answer, /outside|hidden/);
    }
  });

  it("leaves the API and the operators' paths as they are", async () => {
    assert.equal((await get("/readyz")).status, 200);
    assert.equal((await get("/docs")).status, 200);
  });
});
