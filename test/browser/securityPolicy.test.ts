/** Every page in a real Chromium: it works under its content security policy, and the browser reports no violation. */
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openBrowser } from "./openBrowser.ts";
import { OPERATOR, startWithOperator } from "./operator.ts";
import type { PageServer } from "./PageServer.ts";

describe("content security policy", function () {
  this.timeout(300_000);
  let server: PageServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    server = await startWithOperator();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ httpCredentials: OPERATOR });
    page = await context.newPage();
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { violations: seen });
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
        seen.push(`${effectiveDirective} ${blockedURI}`),
      );
    });
  });
  afterEach(() => context.close());

  const open = (path: string) => page.goto(`http://127.0.0.1:${server.port}${path}`);
  const violations = () => page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations);

  it("lets the game's page sign in, join a match and draw it", async () => {
    const response = await open("/");
    assert.match(response!.headers()["content-security-policy"], /script-src 'self'/);
    await page.getByTestId("menu").waitFor();
    await page.getByTestId("play").click();
    await page.locator("body[data-phase=playing]").waitFor({ timeout: 200_000 });
    await page.locator("#world canvas").waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("forbids an inline script", async () => {
    await open("/");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.ran = true";
      document.body.append(script);
    });
    assert.equal(await page.evaluate(() => "ran" in globalThis), false);
    assert.equal((await violations()).length, 1);
  });

  it("lets the documentation show the API", async () => {
    await open("/docs");
    await page.locator(".opblock").first().waitFor();
    assert.deepEqual(await violations(), []);
  });

  it("lets the monitor show the rooms, without fonts of other hosts", async () => {
    await open("/monitor/");
    await page.getByText("connections", { exact: false }).first().waitFor();
    const others = (await violations()).filter((line) => !line.includes("fonts.googleapis.com"));
    assert.deepEqual(others, []);
  });

  it("lets the playground show the rooms", async () => {
    await open("/playground/");
    await page.locator("option[value=arena]").first().waitFor({ state: "attached" });
    assert.deepEqual(await violations(), []);
  });
});
