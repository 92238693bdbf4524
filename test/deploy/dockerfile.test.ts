/**
 * Runs the steps of the Dockerfile without a container: the build with only the files that .dockerignore lets through, and the
 * command of the last stage with only the files that it copies. The packages are those of the checkout.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { findFreePort } from "../../tools/services/ports.ts";

const root = path.resolve(import.meta.dirname, "../..");
const exec = promisify(execFile);

interface Step {
  readonly word: string;
  readonly rest: string;
}

/** The steps of each stage, without comments. A line that ends in a backslash continues in the next one. */
const stages = readFileSync(path.join(root, "Dockerfile"), "utf8")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split(/^(?=FROM )/m)
  .filter((text) => text.startsWith("FROM "))
  .map((text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line): Step => ({ word: line.split(" ", 1)[0], rest: line.slice(line.indexOf(" ") + 1) })),
  );
const last = stages.at(-1)!;
const restsOf = (stage: readonly Step[], word: string) =>
  stage.filter((step) => step.word === word).map(({ rest }) => rest);
const [restOfEntrypoint] = restsOf(last, "ENTRYPOINT");
const [, healthCheck] = /CMD (.*)$/.exec(restsOf(last, "HEALTHCHECK")[0])!;

describe("the Dockerfile", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-image-"));
  const [build, app] = [path.join(folder, "build"), path.join(folder, "app")];
  let child: ChildProcess | null = null;
  after(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** A JSON list, with the Node of this test. */
  const command = (json: string) =>
    (JSON.parse(json) as string[]).map((word) => (word === "node" ? process.execPath : word));

  it("ends in a stage with a user of its own, no shell, a volume for the data, and neither compiler nor development packages", () => {
    assert.equal(restsOf(last, "USER").at(-1), "1000:1000");
    assert.deepEqual(JSON.parse(restOfEntrypoint), ["node", "dist/src/main/hypogeum.cjs"]);
    assert.equal(JSON.parse(healthCheck)[0], "node");
    assert.deepEqual(restsOf(last, "VOLUME"), ["/var/lib/hypogeum"]);
    const packages = stages.find(([{ rest }]) => rest.endsWith(" AS packages"))!;
    assert.match(restsOf(packages, "RUN").join(), /npm ci --omit=dev --omit=optional --ignore-scripts/);
    assert.ok(
      restsOf(last, "COPY").every((copy) => /^--from=(build|packages) /.test(copy) || copy.startsWith("package")),
    );
  });

  it("uses the same Node in each stage, one that the program promises", () => {
    const images = new Set(stages.map(([{ rest }]) => rest.replace(/ AS .*/, "")));
    assert.deepEqual([...images], ["node:24-bookworm-slim"]);
  });

  it("builds from only the files that .dockerignore lets through", async () => {
    const kept = readFileSync(path.join(root, ".dockerignore"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("!"));
    for (const name of kept.map((line) => line.slice(1)))
      cpSync(path.join(root, name), path.join(build, name), {
        recursive: true,
        filter: (from) => from !== path.join(root, "web/dist"),
      });
    symlinkSync(path.join(root, "node_modules"), path.join(build, "node_modules"));
    const [steps] = stages;
    for (const step of restsOf(steps, "RUN").filter((one) => !one.startsWith("npm ci")))
      await exec("sh", ["-c", step], { cwd: build });
    assert.ok(existsSync(path.join(build, "dist/src/main/hypogeum.cjs")));
  });

  it("starts, is healthy, and stops on SIGTERM with exit code 0, from only the files of the last stage", async () => {
    mkdirSync(app);
    for (const name of ["package.json", "dist"])
      cpSync(path.join(build, name), path.join(app, name), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(app, "node_modules"));
    const variables = restsOf(last, "ENV").flatMap((line) => line.split(" ").map((pair) => pair.split("=")));
    const env = {
      ...Object.fromEntries(variables),
      DATA_DIR: path.join(folder, "data"),
      JWT_SECRET: "x".repeat(32),
      PORT: String(await findFreePort([])),
    };
    const [program, ...args] = command(restOfEntrypoint);
    child = spawn(program, args, { cwd: app, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    let output = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => void (output += text));
    while (!output.includes("Hypogeum is ready")) {
      const over = await Promise.race([once(child.stdout!, "data").then(() => false), ended.then(() => true)]);
      assert.ok(!over, `it ended: ${output}`);
    }
    const [check, ...checkArgs] = command(healthCheck);
    await exec(check, checkArgs, { env });
    await assert.rejects(exec(check, checkArgs, { env: { ...env, PORT: String(await findFreePort([])) } }));
    child.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], output);
  });
});
