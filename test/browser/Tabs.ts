/**
 * Tabs of one real Chromium window, of which only the front one is visible. Playwright's own pages are always visible: it makes
 * each believe that it has the focus.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { ensureChromium } from "./ensureChromium.ts";
import { buildPage, FLAGS } from "./openBrowser.ts";

const LISTENS = /DevTools listening on (ws:\S+)/;

export class Tabs {
  private readonly child: ChildProcess;
  private readonly profile: string;
  private readonly browser: Browser;

  private constructor(child: ChildProcess, profile: string, browser: Browser) {
    this.child = child;
    this.profile = profile;
    this.browser = browser;
  }

  static async open(): Promise<Tabs> {
    await buildPage();
    const profile = mkdtempSync(path.join(tmpdir(), "hypogeum-tabs-"));
    const flags = [...FLAGS, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
    const child = spawn(ensureChromium(), flags, { stdio: ["ignore", "ignore", "pipe"] });
    const address = await new Promise<string>((resolve, reject) => {
      const output: string[] = [];
      createInterface({ input: child.stderr! }).on("line", (line) => {
        output.push(line);
        const listens = LISTENS.exec(line);
        if (listens !== null) resolve(listens[1]);
      });
      child.once("exit", (code) => reject(new Error(`Chromium stopped with ${code}:\n${output.join("\n")}`)));
      child.once("error", reject);
    });
    return new Tabs(child, profile, await chromium.connectOverCDP(address, { noDefaults: true }));
  }

  /** A new tab in front; the one that was in front becomes hidden. */
  async add(): Promise<Page> {
    const page = await this.browser.contexts()[0].newPage();
    await page.bringToFront();
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
