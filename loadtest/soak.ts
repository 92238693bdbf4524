#!/usr/bin/env node
/**
 * `npm run soak`: half of the load that a server can carry, for an hour, on a server that it starts itself or on a running one.
 * If memory, handles or open files grow after the first sixth of the time, there is a leak, and the exit code is 1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandArguments, defineUsage, refusePositionals } from "../src/platform/commandLine/CommandUsage.ts";
import { runCommand } from "../src/platform/commandLine/runCommand.ts";
import { siblingModule } from "../src/platform/files/siblingModule.ts";
import { type Growth, measureGrowth } from "./growth.ts";
import { type LoadSettings, readOptions } from "./options.ts";
import { ProgressLine } from "./report/ProgressLine.ts";
import { reportPage } from "./report/reportPage.ts";
import { summaryText } from "./report/summaryText.ts";
import { runLoad } from "./runLoad.ts";

const usage = defineUsage({
  command: "npm run soak",
  synopsis: "[--minutes N] [--bots N] [--mode MODE] [--url URL] [--json FILE] [--html FILE]",
  about:
    "Runs the load test for long. The server's heap, memory, handles and open files must not grow after the first sixth of\n" +
    "the time.",
  options: {
    minutes: {
      value: "N",
      fallback: process.env.SOAK_MINUTES ?? "60",
      about: "duration; SOAK_MINUTES changes the default",
    },
    bots: {
      value: "N",
      fallback: "400",
      about: "number of bots; use half of what the server can carry, see npm run bench -- load",
    },
    mode: { value: "MODE", fallback: "ffa", about: "mode of the game" },
    url: {
      value: "URL",
      about: "a running server; without it, a server with an empty directory is started, and stopped at the end",
    },
    json: { value: "FILE", about: "write the result as JSON" },
    html: { value: "FILE", about: "write a report with plots, in one file" },
  },
  settings: "SOAK_MINUTES, the default of --minutes",
  exitCodes: { 0: "nothing grows", 1: "something grows or failed", 2: "the run could not be made" },
  example: "--minutes 10 --bots 100",
});

interface SoakServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server for this run only, so that nothing else is measured. */
async function startServer(): Promise<SoakServer> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-soak-"));
  const program = fileURLToPath(siblingModule(import.meta, "../src/main/start"));
  const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--log-level", "error"];
  // All players come from one address.
  args.push("--address-limit-factor", "1000000");
  // Each collection is a complete one, so that the least memory of a few seconds contains no garbage.
  const child = spawn(process.execPath, ["--gc-global", program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(dataDir, { recursive: true, force: true });
  };
  let output = "";
  for await (const bytes of child.stdout.iterator({ destroyOnReturn: false })) {
    output += bytes;
    const port = /Open http:\S+?:(\d+)\//.exec(output)?.[1];
    if (port === undefined) continue;
    child.stdout.resume();
    return { url: `http://127.0.0.1:${port}`, stop };
  }
  await stop();
  throw new Error(`the server did not start: ${output}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

function growthText({ source, name, before, after, allowed, grows }: Growth): string {
  const [from, to, most] = [before, after, allowed].map((value) => Math.round(value).toLocaleString("en-US"));
  return `  ${grows ? "GROWS" : "steady"}  ${name} of ${source}: ${from} → ${to} (at most ${most})`;
}

async function soak(settings: LoadSettings, json: string | undefined, html: string | undefined): Promise<number> {
  const live = new ProgressLine(settings, process.stderr);
  const result = await runLoad(settings, { errors: 0 }, { onSecond: (second) => live.show(second) });
  live.end();
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
  if (html !== undefined) writeFileSync(html, reportPage(result));
  console.log(summaryText(result));
  const growths = measureGrowth(result.seconds);
  for (const growth of growths) console.log(growthText(growth));
  if (growths.length === 0) console.log("  nothing could be measured: no response from the server's /metrics");
  const areLimitsKept = result.verdicts.every((verdict) => verdict.kept);
  return growths.length > 0 && areLimitsKept && growths.every(({ grows }) => !grows) ? 0 : 1;
}

async function run({ values, positionals }: CommandArguments<typeof usage.options>): Promise<number> {
  refusePositionals(usage, positionals);
  const seconds = String(Number(values.minutes) * 60);
  const load = ["--bots", values.bots, "--mode", values.mode, "--seconds", seconds];
  // Checks the options before a server is started.
  await readOptions(["--url", values.url ?? "http://127.0.0.1", ...load]);
  const server = values.url === undefined ? await startServer() : { url: values.url, stop: async () => {} };
  try {
    const { settings } = (await readOptions(["--url", server.url, ...load, "--ramp", String(Number(seconds) / 12)]))!;
    return await soak(settings, values.json, values.html);
  } finally {
    await server.stop();
  }
}

try {
  await runCommand(usage, run);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
