/**
 * The page in a real Chromium, against the program as people start it. Pictures of each screen are left in test-output/.
 */
import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Cable } from "./Cable.ts";
import { Fighter } from "./Fighter.ts";
import { openBrowser, PICTURES } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

/** What a browser logs of a cut line, and of asking to come back before the server has noticed that one was gone. */
const BROKEN_LINE = /WebSocket connection to .* failed|net::ERR_|status of 524/;
/** Waiting for bots, the countdown, and the time limit of a duel, on a slow machine. */
const MATCH_MS = 200_000;
const STEP_MS = 45;

describe("the page", function () {
  this.timeout(MATCH_MS + 100_000);
  let server: PageServer;
  let cable: Cable;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the console called an error, a line that the test itself cut left aside. */
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
    cable = await Cable.lay(server.port);
    context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    page = await context.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(String(error.stack)));
    page.on("console", (message) => {
      const broken = cable.wasCut && BROKEN_LINE.test(message.text());
      if (message.type() === "error" && !broken) errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${cable.port}/`);
    await page.getByTestId("menu").waitFor();
  });

  afterEach(async () => {
    await context.close();
    await cable.remove();
  });

  const picture = (name: string): Promise<Buffer> => page.screenshot({ path: path.join(PICTURES, `${name}.png`) });

  const phase = (): Promise<string | undefined> => page.evaluate(() => document.body.dataset.phase);

  const untilPhase = async (...phases: string[]): Promise<void> => {
    const there = page.waitForFunction((wanted) => wanted.includes(document.body.dataset.phase ?? ""), phases, {
      timeout: 60_000,
      polling: 50,
    });
    await there.catch(async () => {
      await picture("stuck");
      const notice = await page.getByTestId("notice").textContent();
      assert.fail(`waited for ${phases.join(" or ")}, but the page is at ${await phase()}; notice: "${notice}"`);
    });
  };

  /** Fights until `done`, or until the match is no longer being played. */
  async function fight(fighter: Fighter, done: () => boolean | Promise<boolean>): Promise<void> {
    while ((await phase()) === "playing" && !(await done())) {
      await fighter.step();
      await page.waitForTimeout(STEP_MS);
    }
    await fighter.rest();
  }

  const within = (ms: number): (() => boolean) => {
    const end = Date.now() + ms;
    return () => Date.now() > end;
  };

  const ownId = async (fighter: Fighter): Promise<string | undefined> =>
    (await fighter.look()).find(({ own }) => own)?.id;

  it("plays a duel to its result by keyboard and mouse, through a lost line and a reload", async () => {
    await picture("menu");
    await page.getByTestId("name").fill("Ariadne");
    await page.keyboard.press("Enter");
    await untilPhase("waiting", "countdown");
    const fighter = new Fighter(page);
    await untilPhase("playing");
    const before = (await fighter.look()).find(({ own }) => own)!;
    await fight(fighter, within(4000));
    await picture("duel");
    assert.equal(await page.locator("#own .who").textContent(), "Ariadne");

    cable.cut();
    await untilPhase("reconnecting");
    await page.getByTestId("notice").waitFor();
    assert.match((await page.getByTestId("notice").textContent()) ?? "", /Connection lost/);
    await picture("reconnecting");
    cable.mend();
    await untilPhase("playing", "ended", "result");
    await page.waitForFunction(() => document.getElementById("notice")!.hidden);
    await page.waitForFunction(() => (globalThis as any).hypogeumView().some((one: any) => one.own));
    assert.equal(await ownId(fighter), before.id, "the same body after a lost line");
    await fight(fighter, within(2000));

    await page.reload();
    await untilPhase("playing");
    await page.waitForFunction(() => (globalThis as any).hypogeumView().some((one: any) => one.own));
    assert.equal(await ownId(fighter), before.id, "the same body after a reload");

    await page.keyboard.down("Tab");
    await page.getByTestId("scores").waitFor();
    await picture("scores");
    await page.keyboard.up("Tab");
    await fight(fighter, () => false);
    await untilPhase("result");
    await picture("result");
    assert.match((await page.getByTestId("result-title").textContent()) ?? "", /^(Victory|Defeat|Draw)$/);
    assert.match((await page.getByTestId("result").textContent()) ?? "", /Ariadne \(you\)/);

    await page.keyboard.press("Enter");
    await untilPhase("waiting", "countdown");
    await page.getByTestId("leave").click();
    await untilPhase("menu");
    assert.deepEqual(errors, []);
  });

  it("signs in anew by itself when the server no longer accepts its token", async () => {
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

  it("says that the server cannot be reached, and stays usable", async () => {
    cable.cut();
    await page.getByTestId("play").click();
    await untilPhase("menu");
    await page.getByTestId("notice").waitFor();
    assert.match((await page.getByTestId("notice").textContent()) ?? "", /cannot be reached/);
    cable.mend();
    await page.getByTestId("play").click();
    await untilPhase("waiting", "countdown", "playing");
  });

  it("fits a small window: nothing beside it, every control in it", async () => {
    await page.setViewportSize({ width: 640, height: 400 });
    await picture("small-menu");
    await page.getByTestId("mode-ffa").focus();
    await page.keyboard.press("Space");
    assert.equal(await page.getByTestId("mode-ffa").getAttribute("aria-pressed"), "true");
    await page.getByTestId("play").click();
    await untilPhase("waiting", "countdown", "playing");
    await page.getByTestId("health").waitFor();
    await picture("small-match");
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
