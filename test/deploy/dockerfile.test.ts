/** Builds the image of the Dockerfile and runs it, without a container engine. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { closeCodes } from "../../schema/codes.ts";
import { findFreePort } from "../../tools/services/ports.ts";
import { guest } from "../chaos/Player.ts";
import { descendantsOf } from "../chaos/processTree.ts";
import { Container } from "./Container.ts";
import { type Built, ImageBuild } from "./ImageBuild.ts";
import { context, readDockerfile, restsOf } from "./readDockerfile.ts";

const stages = readDockerfile();
const last = stages.at(-1)!;
const entryPoint = JSON.parse(restsOf(last, "ENTRYPOINT").at(-1)!) as string[];
const healthCheck = JSON.parse(/CMD (.*)$/.exec(restsOf(last, "HEALTHCHECK")[0])![1]) as string[];
const [volume] = restsOf(last, "VOLUME");
const signal = restsOf(last, "STOPSIGNAL")[0] as NodeJS.Signals;

const find = (...args: string[]) => execFileSync("find", args, { encoding: "utf8", maxBuffer: 2 ** 26 });
/** Each file with what changes when it is written to. */
const stateOf = (root: string) => find(root, "-printf", "%p %y %m %U:%G %s %T@ %C@\n");

describe("the image", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-image-"));
  let image: Built;
  let container: Container | null = null;
  before(async () => {
    image = await new ImageBuild(folder).build();
  });
  afterEach(() => container?.kill());
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function start(): Promise<[Container, string]> {
    const data = path.join(folder, "volume");
    // A new volume is a copy of what the image has there.
    execFileSync("cp", ["--archive", path.join(image.root, volume), data]);
    const PORT = String(await findFreePort([]));
    const env = { PORT, JWT_SECRET: "x".repeat(32), DRAIN_SECONDS: "3" };
    container = new Container({ image, command: entryPoint, env, volumes: { [data]: volume } });
    await container.untilPrinted("Hypogeum is ready");
    return [container, `http://127.0.0.1:${PORT}`];
  }

  it("is made from the same Node in each stage, and names its user by number", () => {
    assert.equal(new Set(stages.map(({ image }) => image)).size, 1);
    assert.match(image.user, /^[1-9]\d*:[1-9]\d*$/);
  });

  it("contains neither development packages nor a compiler", () => {
    const locked = JSON.parse(readFileSync(path.join(context, "package-lock.json"), "utf8")).packages;
    const installed = JSON.parse(readFileSync(path.join(image.root, "app/node_modules/.package-lock.json"), "utf8"));
    const wrong = Object.keys(installed.packages).filter(
      (name) => locked[name].dev || locked[name].optional || locked[name].devOptional,
    );
    assert.deepEqual(wrong, []);
    const compilers = /\/(cc|c89|c99|gcc|g\+\+|clang|cpp|make|as|ld|go|rustc|tsc|esbuild|vite|python3?)$/;
    const programs = find(image.root, "(", "-type", "f", "-o", "-type", "l", ")", "-perm", "/111").split("\n");
    assert.ok(programs.some((name) => name.endsWith("/usr/local/bin/node")));
    assert.deepEqual(
      programs.filter((name) => compilers.test(name)),
      [],
    );
    const [whole, own] = [image.root, path.join(image.root, "app")].map((name) =>
      Number.parseInt(execFileSync("du", ["--summarize", "--block-size=1M", name], { encoding: "utf8" }), 10),
    );
    console.log(`      the image has ${whole} MB, ${own} MB of them in /app`);
  });

  it("serves the page as an unprivileged process 1 that writes only to its volume and /tmp, and drains on SIGTERM", async () => {
    const before = stateOf(image.root);
    const [running, url] = await start();
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>/);

    const status = readFileSync(`/proc/${running.pid}/status`, "utf8");
    assert.match(status, /^NSpid:\t\d+\t1$/m);
    assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
    assert.match(status, /^CapEff:\t0+$/m);
    assert.deepEqual(readFileSync(`/proc/${running.pid}/cmdline`, "utf8").split("\0").slice(0, -1), entryPoint);
    // The embedded database is a process of its own. There is no shell.
    for (const pid of [running.pid, ...descendantsOf(running.pid)])
      assert.equal(path.basename(readlinkSync(`/proc/${pid}/exe`)), "node");

    await running.exec(healthCheck);
    await assert.rejects(running.exec(healthCheck, { env: { PORT: String(await findFreePort([])) } }));
    const write = ["node", "-e", "fs.writeFileSync('written', '')"];
    await assert.rejects(running.exec(write, { user: "0:0" }), /EROFS/);

    const room = await (await guest(url)).create<any>("arena", { mode: "duel" });
    room.reconnection.enabled = false;
    const closed = new Promise<number>((resolve) => room.onLeave(resolve));
    running.signal(signal);
    assert.equal(await closed, closeCodes.SERVER_SHUTDOWN.code);
    assert.deepEqual(await running.ended, [0, null], running.output);
    assert.doesNotMatch(running.output, /"level":[56]0|EROFS|EACCES/);
    assert.equal(stateOf(image.root), before);
    assert.notDeepEqual(readdirSync(path.join(folder, "volume")), []);
  });

  it("has the maintenance commands and the load test", async () => {
    for (const command of ["migrate", "outbox", "operator", "loadtest", "soak"]) {
      container = new Container({ image, command: [...entryPoint, command, "--help"], env: {}, volumes: {} });
      assert.deepEqual(await container.ended, [0, null], container.output);
    }
  });

  it("leaves no mount on this machine", () => {
    assert.ok(existsSync(image.root) && !readFileSync("/proc/self/mounts", "utf8").includes(folder));
  });
});
