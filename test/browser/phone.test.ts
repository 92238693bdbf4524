/**
 * The page on a phone, upright and sideways, by touch only. Screenshots of each screen are saved in test-output/.
 */
import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Fighter } from "./Fighter.ts";
import { Thumbs } from "./Hands.ts";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

const UPRIGHT = { width: 360, height: 740 };
const SIDEWAYS = { width: 740, height: 360 };
const MATCH_MS = 200_000;
const STEP_MS = 45;
/** Steps of the fighter after which the phone is turned. */
const STEPS_PER_TURN = 12;

const nameOf = ({ width, height }: typeof UPRIGHT): string => (width < height ? "upright" : "sideways");

describe("the page on a phone", function () {
  this.timeout(MATCH_MS + 200_000);
  let server: PageServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await PageServer.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: UPRIGHT, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => errors.push(String(error.stack)));
  });
  afterEach(async () => {
    // Otherwise the next test's page joins the same match, with a player who stands still.
    if ((await page.getByTestId("leave").count()) > 0) await tap("leave");
    await context.close();
    assert.deepEqual(errors.splice(0), []);
  });

  const screenshot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(SCREENSHOTS, `phone-${name}.png`) });

  const open = async (hash = ""): Promise<void> => {
    await page.goto(`http://127.0.0.1:${server.port}/${hash}`);
    await page.locator(".card").waitFor();
  };

  const tap = (testId: string): Promise<void> => page.getByTestId(testId).tap();

  const phase = (): Promise<string | undefined> => page.evaluate(() => document.body.dataset.phase);

  const untilPhase = (...phases: string[]): Promise<unknown> =>
    page.waitForFunction((wanted) => wanted.includes(document.body.dataset.phase ?? ""), phases, { polling: 50 });

  /** Checks that the screen is at its top, and that nothing on it is wider than the window. */
  async function checkScreen(name: string): Promise<void> {
    const scroll = await page.evaluate(() => {
      const { scrollTop, scrollWidth, clientWidth } = document.getElementById("screen")!;
      return { below: scrollTop, beside: scrollWidth - clientWidth };
    });
    assert.deepEqual(scroll, { below: 0, beside: 0 }, name);
  }

  /** Turns the phone; the page has drawn the next frame. */
  async function turn(viewport: typeof UPRIGHT): Promise<void> {
    await page.setViewportSize(viewport);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }

  /** Boxes of the overlay's parts, by name: the world, all plates, buttons and sticks that are shown. */
  const boxes = (): Promise<Record<string, { left: number; top: number; right: number; bottom: number }>> =>
    page.evaluate(() => {
      const parts = "#world canvas, #leave, #top, #net, #feed, #own .role, #own .health, .ability, #map, .stick";
      const shown = [...document.querySelectorAll<HTMLElement>(parts)]
        .map((node) => ({ name: node.id || node.className || node.tagName, box: node.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && box.height > 0);
      return Object.fromEntries(
        shown.map(({ name, box: { left, top, right, bottom } }) => [name, { left, top, right, bottom }]),
      );
    });

  /** Checks that no part of the overlay covers another one or the world, and that all are in the window. */
  async function checkOverlay({ width, height }: typeof UPRIGHT): Promise<void> {
    const all = Object.entries(await boxes());
    const wrong = all
      .filter(([, box]) => box.left < 0 || box.top < 0 || box.right > width || box.bottom > height)
      .map(([name]) => `${name} is outside the window`);
    for (const [index, [name, a]] of all.entries())
      for (const [other, b] of all.slice(index + 1))
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
          wrong.push(`${name} covers ${other}`);
    assert.deepEqual(wrong, []);
    assert.ok(all.length >= 10, `only ${all.map(([name]) => name)} are shown`);
  }

  it("opens every screen at its top, and explains the thumbs, not the keys", async () => {
    for (const viewport of [UPRIGHT, SIDEWAYS]) {
      const name = nameOf(viewport);
      await page.setViewportSize(viewport);
      await open();
      await checkScreen("menu");
      await screenshot(`menu-${name}`);
      assert.equal(await page.getByText("Left thumb").isVisible(), true);
      assert.equal(await page.locator("kbd").first().isVisible(), false);
      const play = (await page.getByTestId("play").boundingBox())!;
      assert.ok(play.y + play.height <= viewport.height, "the button to play is visible without scrolling");
      await page.evaluate(() => document.getElementById("screen")!.scrollTo(0, 9999));
      await screenshot(`menu-end-${name}`);
      for (const [testId, screen] of [
        ["to-account", "account"],
        ["back", "menu"],
        ["to-ranking", "ranking"],
        ["back", "menu"],
        ["to-profile", "profile"],
        ["back", "menu"],
        ["ranked", "queue"],
        ["cancel", "menu"],
        ["party", "party-start"],
        ["party-create", "party"],
        ["party-leave", "menu"],
      ]) {
        await tap(testId);
        await untilPhase(screen);
        await screenshot(`${screen}-${name}`);
        await checkScreen(screen);
      }
    }
  });

  it("plays a duel to its result by touch", async () => {
    await open();
    await page.getByTestId("name").fill("Ariadne");
    await tap("play");
    await untilPhase("playing");
    const thumbs = await Thumbs.on(page);
    const fighter = new Fighter(page, thumbs);
    const before = (await fighter.visibleBodies()).find(({ own }) => own)!;
    await thumbs.drag(1, 0, 0, 0);
    await page.waitForFunction(
      (from) => (globalThis as any).hypogeumView().some((body: any) => body.own && body.x > from + 20),
      before.x,
    );
    for (let step = 1; (await phase()) === "playing"; step++) {
      await fighter.step();
      if (step % STEPS_PER_TURN === 0) {
        const { width, height } = page.viewportSize()!;
        await screenshot(`duel-${nameOf({ width, height })}`);
        await fighter.release();
        await turn({ width: height, height: width });
      }
      await page.waitForTimeout(STEP_MS);
    }
    await fighter.release();
    await untilPhase("result");
    assert.match((await page.getByTestId("result-title").textContent()) ?? "", /^(Victory|Defeat|Draw)$/);
    for (const viewport of [UPRIGHT, SIDEWAYS]) {
      await turn(viewport);
      await screenshot(`result-${nameOf(viewport)}`);
      await checkScreen("result");
    }
  });

  it("attacks the nearest enemy in sight while a thumb rests in the right half, and heals by a third finger", async () => {
    await open();
    await tap("play");
    await untilPhase("playing");
    const thumbs = await Thumbs.on(page);
    await thumbs.drag(0, 0, 0, 0);
    await page.waitForFunction(() => document.querySelector(".stick.aim.held.cooling") !== null);
    // A heal takes effect once the bot has hit.
    while ((await page.locator(".ability.heal.cooling").count()) === 0) await thumbs.tapHeal();
    assert.equal(await page.locator(".stick.held").count(), 2, "a third finger leaves the thumbs where they are");
    await thumbs.release();
    await page.waitForFunction(() => document.querySelector(".held, .stick.cooling") === null);
  });

  it("keeps overlay and thumbs off the score and the world, and shows all scores after a tap on the score", async () => {
    for (const viewport of [UPRIGHT, SIDEWAYS]) {
      const name = nameOf(viewport);
      await page.setViewportSize(viewport);
      await open();
      await tap("mode-ffa");
      await tap("play");
      await untilPhase("playing");
      await tap("top");
      await page.getByTestId("scores").waitFor();
      await screenshot(`scores-${name}`);
      assert.equal(await page.locator("#scores tbody tr").count(), 16);
      const outside = await page.getByTestId("scores").evaluate((node) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
      });
      assert.equal(outside, false);
      await page.getByTestId("scores").tap();
      await page.getByTestId("scores").waitFor({ state: "hidden" });
      const thumbs = await Thumbs.on(page);
      await thumbs.drag(1, 0, 0, 0);
      await page.waitForFunction(() => (globalThis as any).hypogeumView().some((body: any) => body.own));
      await screenshot(`match-${name}`);
      assert.equal(await page.locator(".stick.held").count(), 2);
      await checkOverlay(viewport);
      await thumbs.release();
      await tap("leave");
      await untilPhase("menu");
    }
  });
});
