/** Owns the browser of a suite: a Chromium without a window, and a page that is built from the sources as they are. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import { viteBuild } from "../viteBuild.ts";
import { ensureChromium } from "./ensureChromium.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** Where suites leave pictures of what they saw. */
export const PICTURES = path.join(ROOT, "test-output");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** One build serves all suites of a run. */
let built: Promise<unknown> | undefined;

export async function openBrowser(): Promise<Browser> {
  mkdirSync(PICTURES, { recursive: true });
  const configFile = path.join(ROOT, "web/vite.config.ts");
  built ??= viteBuild({ root: path.join(ROOT, "web"), configFile, logLevel: "warn" });
  await built;
  return chromium.launch({ executablePath: ensureChromium(), args: FLAGS });
}
