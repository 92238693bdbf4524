#!/usr/bin/env node
/**
 * `npm run loadtest`: runs bots against a server, prints progress and a summary, and writes a report. Exit codes: see
 * `options.ts`.
 */
import { writeFileSync } from "node:fs";
import { onStopRequests } from "../src/platform/async/StopRequests.ts";
import { UsageError } from "../src/platform/commandLine/CommandUsage.ts";
import { helpText, type LoadOptions, readOptions } from "./options.ts";
import { ProgressLine } from "./report/ProgressLine.ts";
import { reportPage } from "./report/reportPage.ts";
import { summaryText } from "./report/summaryText.ts";
import { runLoad } from "./runLoad.ts";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

async function optionsOrExit(): Promise<LoadOptions> {
  try {
    const options = await readOptions(process.argv.slice(2));
    if (options !== null) return options;
    console.log(helpText());
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const { settings, limits, json, html } = await optionsOrExit();
const { bots, rate, seconds, url } = settings;
if (!LOOPBACK.test(new URL(url).hostname))
  console.error(
    `Warning: ${url} is another machine. ${bots} players will sign in there, play for ${seconds} s and send ${Math.round(bots * rate)} frames per second in total. Use only servers that you own.`,
  );

const stopping = new AbortController();
onStopRequests(() => stopping.abort());
const live = new ProgressLine(settings, process.stderr);
try {
  const result = await runLoad(settings, limits, {
    onSecond: (second) => live.show(second),
    notify: (text) => console.error(text),
    signal: stopping.signal,
  });
  live.end();
  if (json !== null) writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
  if (html !== null) writeFileSync(html, reportPage(result));
  console.log(summaryText(result));
  process.exitCode = result.verdicts.every(({ kept }) => kept) ? 0 : 1;
} catch (error) {
  live.end();
  console.error((error as Error).message);
  process.exitCode = 2;
}
