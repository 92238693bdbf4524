/** Checks that an error names a missing program and how to install it, and that a killed test run leaves no service behind. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../../../tools/services/native/process.ts";
import { readState } from "../../../tools/services/state.ts";

const services = path.resolve(import.meta.dirname, "../../../tools/services");

describe("a service whose program is missing", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-bare-"));

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs `up` with an empty PATH, an empty cache and no Docker engine; resolves to the error output. */
  function up(name: string): Promise<string> {
    const env = { PATH: path.join(folder, "bin"), XDG_CACHE_HOME: path.join(folder, "cache"), HOME: folder };
    return new Promise((resolve, reject) => {
      const args = [path.join(services, "cli.ts"), "up", name, "--state", path.join(folder, name)];
      execFile(process.execPath, args, { env }, (error, _stdout, stderr) =>
        error === null ? reject(new Error("the service started")) : resolve(stderr),
      );
    });
  }

  for (const [name, program, debianPackage] of [
    ["kafka", "java", "default-jre-headless"],
    ["s3", "go", "golang"],
    ["redis", "redis-server", "redis-server"],
  ]) {
    it(`${name} fails with the name of the missing program and how to install it`, async () => {
      const message = await up(name);
      assert.match(message, new RegExp(`${program}.*apt-get install ${debianPackage}.*Docker engine`));
    });
  }
});

describe("services of a test run", () => {
  it("end with the process that started them, even if it is killed", async function () {
    this.timeout(240_000);
    const dir = mkdtempSync(path.join(tmpdir(), "hypogeum-killed-"));
    const script = `
      import { startServices } from ${JSON.stringify(path.join(services, "startServices.ts"))};
      await startServices(["redis"], { dir: ${JSON.stringify(dir)} });
      process.stdout.write("up");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const redis = readState(dir)!.processes.redis!;
    assert.equal(isAlive(redis), true);
    child.kill("SIGKILL");
    await once(child, "exit");
    while (isAlive(redis)) await delay(20);
    rmSync(dir, { recursive: true, force: true });
  });
});
