/** Checks the units with systemd's own tool. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { checkSettings } from "../../../src/main/checkConfig.ts";
import { STOP_WITHIN_MS } from "../../../src/main/multiProcess/SupervisedProcess.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import { findProgram } from "../../../tools/services/native/run.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../../deploy/systemd");
const units = readdirSync(FOLDER).filter((name) => name.endsWith(".service"));
const exec = promisify(execFile);

/** `systemd-analyze security` rates a unit from 0 to 100. Its word for up to 25 is "OK" or better. */
const EXPOSURE_MAX = "25";

/** An invalid setting ends a start much earlier, with code 1. An unknown flag has a code of its own. */
const FAILED_START_SECONDS_MAX = 5;
const USAGE_EXIT_CODE = 2;

const read = (name: string): string => readFileSync(path.join(FOLDER, name), "utf8");

/** The last value of a directive. */
function lastValueOf(unit: string, directive: string): string {
  return [...unit.matchAll(new RegExp(`^${directive}=(.*)$`, "gm"))].at(-1)![1];
}

/** The variables that a unit sets, without the file's. */
function environmentOf(unit: string): Record<string, string> {
  const lines = [...unit.matchAll(/^Environment=(.*)$/gm)].map(([, line]) => line);
  return Object.fromEntries(lines.flatMap((line) => line.split(" ").map((pair) => pair.split("=", 2))));
}

/** The variables of `hypogeum.env`, with those that are commented out. */
const variablesOfFile = (): Record<string, string> =>
  Object.fromEntries(
    [...read("hypogeum.env").matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );

describe("the systemd units", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-units-"));
  let analyze = "";

  /** With the Node that runs this test, because the tool checks that the program exists. */
  before(async () => {
    analyze = await debianProgram("systemd", () => findProgram("systemd-analyze"));
    for (const name of units)
      writeFileSync(path.join(folder, name), read(name).replace("/usr/bin/node", process.execPath));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const fileOf = (name: string) => path.join(folder, name.replace("@.", "@2567."));

  it("are accepted by systemd-analyze verify", async () => {
    const { stdout, stderr } = await exec(analyze, ["verify", "--man=no", ...units.map(fileOf)]);
    assert.equal(`${stdout}${stderr}`, "");
  });

  for (const name of units) {
    it(`restrict what ${name} may do`, async () => {
      await exec(analyze, ["security", "--offline=true", `--threshold=${EXPOSURE_MAX}`, path.join(folder, name)]);
    });

    it(`give ${name} time to drain, and let its first process stop the others`, () => {
      const unit = read(name);
      const { DRAIN_SECONDS = "0" } = environmentOf(unit);
      const stops = name === "hypogeum.service" ? 2 : 1;
      assert.ok(Number(lastValueOf(unit, "TimeoutStopSec")) > Number(DRAIN_SECONDS) + (stops * STOP_WITHIN_MS) / 1000);
      assert.equal(lastValueOf(unit, "KillMode"), "mixed");
    });

    it(`start ${name} again whenever it ends, also after an operator has drained it`, () => {
      assert.equal(lastValueOf(read(name), "Restart"), "always");
    });

    it(`give ${name} up if it cannot start, for instance with an invalid setting`, () => {
      const unit = read(name);
      const numberOf = (directive: string) => Number(lastValueOf(unit, directive));
      const seconds = numberOf("RestartSec") + FAILED_START_SECONDS_MAX;
      assert.ok(numberOf("StartLimitBurst") * seconds <= numberOf("StartLimitIntervalSec"));
      assert.equal(lastValueOf(unit, "RestartPreventExitStatus"), String(USAGE_EXIT_CODE));
    });

    it(`start ${name} without a shell, with settings that the program accepts`, () => {
      const unit = read(name).replaceAll("%i", "2567");
      const [node, entry, ...args] = lastValueOf(unit, "ExecStart").split(" ");
      assert.deepEqual([node, path.basename(entry)], ["/usr/bin/node", "hypogeum.cjs"]);
      const file = variablesOfFile();
      const { JWT_SECRET_FILE, ...environment } = environmentOf(unit);
      const isPipeline = name === "hypogeum-pipeline.service";
      assert.equal(JWT_SECRET_FILE, isPipeline ? undefined : "%d/jwt-secret");
      assert.equal(unit.includes("LoadCredential="), !isPipeline);
      const config = readConfig(args, { ...file, ...environment, ...(!isPipeline && { JWT_SECRET: "x".repeat(32) }) });
      assert.ok(config.production && config.dataDir === "/var/lib/hypogeum");
    });
  }

  it("let a command run with the settings that hypogeum@.service shares with it", () => {
    const { PROCESSES, HEALTH_PORT, ...shared } = variablesOfFile();
    assert.ok(PROCESSES && HEALTH_PORT && "HEALTH_HOST" in shared);
    checkSettings(readConfig([], { ...shared, DATA_DIR: "/var/lib/hypogeum" }, { signsTokens: false }));
  });
});
