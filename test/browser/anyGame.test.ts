/** The page for any game in a real Chromium, where the installation has only the small game tag. */
import assert from "node:assert/strict";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

/** Longer than the match, also under load. */
const MATCH_MS = 120_000;

describe("the page for any game", function () {
  this.timeout(300_000);
  let server: PageServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  /** What the page has requested. */
  const requested: string[] = [];

  before(async () => {
    server = await PageServer.start({ GAMES: "test/browser/longTag.ts" });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    page = await context.newPage();
    page.on("pageerror", (error) => errors.push(String(error.stack)));
    page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
    page.on("request", (request) => requested.push(new URL(request.url()).pathname));
    await page.goto(`http://127.0.0.1:${server.port}/`);
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(errors.splice(0), []);
  });

  const phase = (): Promise<string | undefined> => page.evaluate(() => document.body.dataset.phase);

  /** The rows of the players as the page shows them: the own one first, values by column. */
  const players = (): Promise<Record<string, string>[]> =>
    page.evaluate(() => {
      const columns = [...document.querySelectorAll("[data-table=players] th")].map((cell) => cell.textContent ?? "");
      const rows = [...document.querySelectorAll("[data-table=players] tbody tr")];
      const own = rows.filter((row) => row.hasAttribute("data-own"));
      return [...own, ...rows.filter((row) => !own.includes(row))].map((row) =>
        Object.fromEntries([...row.children].map((cell, at) => [columns[at], cell.textContent ?? ""])),
      );
    });

  /** Holds the keys that lead towards the other player, and no others. */
  async function chase(): Promise<void> {
    const [own, other] = await players();
    for (const [field, less, more] of [
      ["x", "ArrowLeft", "ArrowRight"],
      ["y", "KeyW", "KeyS"],
    ]) {
      const way = own.it === "true" ? Number(other[field]) - Number(own[field]) : 0;
      for (const [key, isWanted] of [
        [less, way < -20],
        [more, way > 20],
      ] as const)
        await (isWanted ? page.keyboard.down(key) : page.keyboard.up(key));
    }
  }

  it("lists the game's modes, plays a match against a bot, and shows its state, bodies and events", async () => {
    await page.getByTestId("play-tag-crowd").waitFor();
    await page.screenshot({ path: path.join(SCREENSHOTS, "any-game-menu.png") });
    await page.getByTestId("play-tag-pair").click();
    await page.locator("body[data-phase=playing]").waitFor({ timeout: MATCH_MS });
    assert.equal(await page.locator("h1").textContent(), "tag, pair");
    assert.equal(await page.getByTestId("field").isVisible(), true);

    assert.equal(await page.locator("tr[data-own]").count(), 1);
    assert.equal(await page.locator("tr[data-bot]").count(), 1);
    assert.match((await page.getByTestId("status").textContent())!, /^playing, tick \d+, \d/);
    assert.match((await page.getByTestId("fields").textContent())!, /modepair/);
    const facts = page.getByTestId("facts").locator("li");
    while ((await facts.count()) === 0 && (await phase()) === "playing") await chase();
    assert.match((await facts.first().textContent())!, /^tag tagger .*, tagged .*, x \d+, y \d+/);
    await page.screenshot({ path: path.join(SCREENSHOTS, "any-game.png") });

    await page.locator("body[data-phase=ended]").waitFor({ timeout: MATCH_MS });
    await page.getByTestId("leave").click();
    await page.getByTestId("menu").waitFor();
  });

  it("moves the own player by keys", async () => {
    await page.getByTestId("play-tag-pair").click();
    await page.locator("body[data-phase=playing]").waitFor({ timeout: MATCH_MS });
    const [{ x: from }] = await players();
    const [key, way] = Number(from) < 500 ? ["KeyD", 1] : ["KeyA", -1];
    await page.keyboard.down(key);
    let x = from;
    while (x === from && (await phase()) === "playing") [{ x }] = await players();
    assert.equal(Math.sign(Number(x) - Number(from)), way);
  });

  it("loads nothing of the arena", () => {
    assert.ok(requested.some((file) => /neutral/.test(file)));
    assert.deepEqual(
      requested.filter((file) => /arena|index-|Renderer/.test(file)),
      [],
    );
  });
});
