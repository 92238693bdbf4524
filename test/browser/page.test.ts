/**
 * The page in a real Chromium, against the server as `npm start` starts it. Screenshots of each screen are saved in
 * test-output/.
 */
import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Fighter } from "./Fighter.ts";
import { KeysAndMouse } from "./Hands.ts";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";
import { TcpProxy } from "./TcpProxy.ts";

/** What a browser logs for a lost connection, and for reconnecting before the server has noticed the loss. */
const CONNECTION_LOSS = /WebSocket connection to .* failed|net::ERR_|status of 524/;
/** The wait for bots, the countdown, and the time limit of a duel, on a slow machine. */
const MATCH_MS = 200_000;
const STEP_MS = 45;

describe("the page", function () {
  this.timeout(MATCH_MS + 100_000);
  let server: PageServer;
  let proxy: TcpProxy;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** Errors on the console, except those of a connection that the test itself has cut. */
  let errors: string[];

  before(async () => {
    server = await PageServer.start();
    browser = await openBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port);
    context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    page = await context.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(String(error.stack)));
    page.on("console", (message) => {
      const broken = proxy.wasCut && CONNECTION_LOSS.test(message.text());
      if (message.type() === "error" && !broken) errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${proxy.port}/`);
    await page.getByTestId("menu").waitFor();
  });

  afterEach(async () => {
    await context.close();
    await proxy.close();
  });

  const screenshot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });

  const phase = (): Promise<string | undefined> => page.evaluate(() => document.body.dataset.phase);

  const untilPhase = async (...phases: string[]): Promise<void> => {
    const there = page.waitForFunction((wanted) => wanted.includes(document.body.dataset.phase ?? ""), phases, {
      timeout: 60_000,
      polling: 50,
    });
    await there.catch(async () => {
      await screenshot("stuck");
      const notice = await page.getByTestId("notice").textContent();
      assert.fail(`waited for ${phases.join(" or ")}, but the page is at ${await phase()}; notice: "${notice}"`);
    });
  };

  /** Fights until `done` or until the end of the match. */
  async function fight(fighter: Fighter, done: () => boolean | Promise<boolean>): Promise<void> {
    while ((await phase()) === "playing" && !(await done())) {
      await fighter.step();
      await page.waitForTimeout(STEP_MS);
    }
    await fighter.release();
  }

  const within = (ms: number): (() => boolean) => {
    const end = Date.now() + ms;
    return () => Date.now() > end;
  };

  const ownId = async (fighter: Fighter): Promise<string | undefined> =>
    (await fighter.visibleBodies()).find(({ own }) => own)?.id;

  it("plays a duel to its result by keyboard and mouse, with a connection loss and a reload", async () => {
    await screenshot("menu");
    await page.getByTestId("name").fill("Ariadne");
    await page.keyboard.press("Enter");
    await untilPhase("waiting", "countdown");
    const fighter = new Fighter(page, new KeysAndMouse(page));
    await untilPhase("playing");
    const before = (await fighter.visibleBodies()).find(({ own }) => own)!;
    await fight(fighter, within(4000));
    await screenshot("duel");
    assert.equal(await page.locator("#own .who").textContent(), "Ariadne");

    proxy.cut();
    await untilPhase("reconnecting");
    await page.getByTestId("notice").waitFor();
    assert.match((await page.getByTestId("notice").textContent()) ?? "", /Connection lost/);
    await screenshot("reconnecting");
    proxy.restore();
    await untilPhase("playing", "ended", "result");
    await page.waitForFunction(() => document.getElementById("notice")!.hidden);
    await page.waitForFunction(() => (globalThis as any).hypogeumView().some((one: any) => one.own));
    assert.equal(await ownId(fighter), before.id, "the same body after a connection loss");
    await fight(fighter, within(2000));

    await page.reload();
    await untilPhase("playing");
    await page.waitForFunction(() => (globalThis as any).hypogeumView().some((one: any) => one.own));
    assert.equal(await ownId(fighter), before.id, "the same body after a reload");

    await page.keyboard.down("Tab");
    await page.getByTestId("scores").waitFor();
    await screenshot("scores");
    await page.keyboard.up("Tab");
    await fight(fighter, () => false);
    await untilPhase("result");
    await screenshot("result");
    assert.match((await page.getByTestId("result-title").textContent()) ?? "", /^(Victory|Defeat|Draw)$/);
    assert.match((await page.getByTestId("result").textContent()) ?? "", /Ariadne \(you\)/);

    await page.keyboard.press("Enter");
    await untilPhase("waiting", "countdown");
    await page.getByTestId("leave").click();
    await untilPhase("menu");
    assert.deepEqual(errors, []);
  });

  it("signs in again automatically when the server no longer accepts its token", async () => {
    await page.evaluate(() => localStorage.setItem("colyseus-auth-token", "not.a.token"));
    await page.reload();
    await page.getByTestId("play").click();
    await untilPhase("waiting", "countdown", "playing");
    const token = await page.evaluate(() => localStorage.getItem("colyseus-auth-token"));
    assert.notEqual(token, "not.a.token");
  });

  it("asks for a reload when its rules are older than the server's", async () => {
    await page.route("**/matchmake/**", (route) => {
      const body = JSON.parse(route.request().postData() ?? "{}");
      return route.continue({ postData: JSON.stringify({ ...body, rulesVersion: "0" }) });
    });
    await page.getByTestId("play").click();
    await untilPhase("menu");
    assert.match((await page.getByTestId("notice").textContent()) ?? "", /Reload the page/);
  });

  it("reports that the server cannot be reached, and stays usable", async () => {
    proxy.cut();
    await page.getByTestId("play").click();
    await untilPhase("menu");
    await page.getByTestId("notice").waitFor();
    assert.match((await page.getByTestId("notice").textContent()) ?? "", /cannot be reached/);
    proxy.restore();
    await page.getByTestId("play").click();
    await untilPhase("waiting", "countdown", "playing");
  });

  it("fits a small window, with every control visible", async () => {
    await page.setViewportSize({ width: 640, height: 400 });
    await screenshot("small-menu");
    await page.getByTestId("mode-ffa").focus();
    await page.keyboard.press("Space");
    assert.equal(await page.getByTestId("mode-ffa").getAttribute("aria-pressed"), "true");
    await page.getByTestId("play").click();
    await untilPhase("waiting", "countdown", "playing");
    await page.getByTestId("health").waitFor();
    await screenshot("small-match");
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("#hud > *")]
        .filter((node) => node.offsetParent !== null)
        .map((node) => ({ id: node.id, box: node.getBoundingClientRect() }))
        .filter(({ box }) => box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight)
        .map(({ id }) => id),
    );
    assert.deepEqual(outside, []);
    assert.deepEqual(errors, []);
  });
});
