/** Builds the page from the current sources and starts a headless Chromium. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import { viteBuild } from "../viteBuild.ts";
import { ensureChromium } from "./ensureChromium.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** Folder for the screenshots of the suites. */
export const SCREENSHOTS = path.join(ROOT, "test-output");

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let built: Promise<unknown> | undefined;

/** Builds the page. One build serves all suites of a run. */
export async function buildPage(): Promise<void> {
  const configFile = path.join(ROOT, "web/vite.config.ts");
  built ??= viteBuild({ root: path.join(ROOT, "web"), configFile, logLevel: "warn" });
  await built;
}

export async function openBrowser(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await buildPage();
  return chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
}
