/**
 * Accounts, ratings, ranking and profile on the page, in a real Chromium against the whole server. Opponents are clients of
 * the SDK. Screenshots of each screen are saved in test-output/.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { Client, type Room } from "@colyseus/sdk";
import type { Browser, Page } from "playwright-core";
import { guest } from "../chaos/Player.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

/** With the page and its rival, more players than one page of the ranking shows. */
const CROWD = 20;
/** With the match of the page itself, more matches than one page of the profile shows. */
const EXTRA_MATCHES = 10;
const EMAIL = "ariadne@knossos.example";
const PASSWORD = "a ball of red thread";
const TOKEN = "colyseus-auth-token";

describe("the page's accounts", function () {
  this.timeout(240_000);
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let url: string;
  let rival: Client;
  const crashes: string[] = [];

  before(async () => {
    server = await PageServer.start({ PLAYER_ROOMS_MAX: "50", PLAYER_SEATS_MAX: "50", GAMES: "test/browser/games.ts" });
    url = `http://127.0.0.1:${server.port}`;
    browser = await openBrowser();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
    page.on("pageerror", (error) => crashes.push(String(error.stack)));
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await page.getByTestId("menu").waitFor();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  afterEach(() => assert.deepEqual(crashes, []));

  const screenshot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).textContent()) ?? "";

  const untilPhase = (phase: string): Promise<unknown> =>
    page.waitForFunction((wanted) => document.body.dataset.phase === wanted, phase, { polling: 50 });

  const token = (): Promise<string | null> => page.evaluate((key) => localStorage.getItem(key), TOKEN);

  async function ownId(): Promise<string> {
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${await token()}` } });
    return ((await answer.json()) as { id: string }).id;
  }

  /** All rows of the table, with cells joined. */
  const rows = (): Promise<string[]> =>
    page
      .locator("table.figures tbody tr")
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent).join(" | ")));

  async function recorded(playerId: string): Promise<number> {
    const answer = await fetch(`${url}/api/v1/players/${playerId}/matches?limit=100`);
    return ((await answer.json()) as { matches: unknown[] }).matches.length;
  }

  it("shows the rating after a rated match, and reports an unrated match", async () => {
    rival = await guest(url);
    await page.getByTestId("name").fill("Ariadne");
    await page.getByTestId("play").click();
    await untilPhase("waiting");
    const room = await joinDuel(rival);
    await untilPhase("playing");
    await room.leave();
    await untilPhase("result");
    await page.getByTestId("to-match").waitFor();
    assert.match(await text("rating"), /^Rating 15\d\d ▲ \+\d+/);
    assert.match(await text("result"), /Victory.*Your opponent left/);
    await screenshot("result-rated");

    await page.getByTestId("again").click();
    await untilPhase("result");
    await page.getByTestId("to-match").waitFor();
    assert.match(await text("rating"), /^Not rated: bots took part/);
    await page.getByTestId("to-match").click();
    await page.locator("table.figures").waitFor();
    assert.match(await text("match"), /Not rated\./);
  });

  it("turns the guest into an account with the same id and matches, and explains refused input", async () => {
    await page.getByTestId("back").click();
    const before = await ownId();
    await page.getByTestId("to-account").click();
    await page.getByTestId("account-name").fill("no/slash");
    await page.getByTestId("new-email").fill(EMAIL);
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("register-send").click();
    assert.match(await text("problem"), /^Invalid name\. Use 2 to 24 letters/);
    await screenshot("account-guest");
    await page.getByTestId("account-name").fill("Ariadne");
    await page.keyboard.press("Enter");
    await page.getByTestId("sign-out").waitFor();
    assert.equal(await ownId(), before);

    await page.getByTestId("account-name").fill("Princess of Crete");
    await page.keyboard.press("Enter");
    await page.getByTestId("message").getByText("Princess of Crete").waitFor();
    await screenshot("account-own");
    await page.getByTestId("back").click();
    assert.equal(await page.getByTestId("name").inputValue(), "Princess of Crete");
    assert.match(await text("who"), /signed in/);
    await screenshot("menu-signed-in");
  });

  it("lists matches newest first, page by page, with links", async () => {
    await privateMatches(await signedInAs(url, (await token())!), EXTRA_MATCHES);
    // Matches are stored a moment after their end.
    while ((await recorded(await ownId())) < EXTRA_MATCHES + 2) await page.waitForTimeout(100);
    await page.getByTestId("to-profile").click();
    await page.getByTestId("more").waitFor();
    assert.equal((await rows()).length, 10);
    await screenshot("profile");
    await page.getByTestId("more").click();
    await page.getByTestId("more").waitFor({ state: "detached" });
    const all = await rows();
    assert.equal(all.length, EXTRA_MATCHES + 2);
    assert.match(all.at(-1)!, / Won 0 : 0 .*▲ \+\d+$/);
    assert.match(all[0], /not rated$/);

    await page.locator("table.figures tbody tr").last().getByRole("link").click();
    await untilPhase("match");
    await page.locator("table.figures").waitFor();
    const [winner, loser] = await rows();
    assert.match(winner, /Princess of Crete \(you\).*▲ \+\d+$/);
    assert.match(loser, /\(left\).*▼ −\d+$/);
    await screenshot("match");
    await page.goBack();
    await untilPhase("profile");
  });

  it("shows the best players of a mode, and the row of this player if it is not among them", async () => {
    await crowdedDuels(url);
    while ((await ranked(url)) < CROWD + 2) await page.waitForTimeout(100);
    await page.goto(`${url}/#ranking/duel`);
    await page.getByText(`${CROWD + 2} players`).waitFor();
    const best = await rows();
    assert.equal(best.length, 20);
    assert.match(best[0], /^1 \| ▶ Princess of Crete \(you\) \| 15\d\d\?/);
    await page.getByText("A rating with a ? is provisional").waitFor();
    await screenshot("ranking");

    await page.evaluate(([key, value]) => localStorage.setItem(key, value), [TOKEN, rival.auth.token!]);
    const kept = (await token())!;
    await page.reload();
    await page.locator("tr.own").waitFor();
    assert.match((await page.locator("tr.own").textContent()) ?? "", /^22/);
    await page.locator("tr.own").scrollIntoViewIfNeeded();
    await screenshot("ranking-around");
    assert.equal(await token(), kept);
    await page.getByTestId("ranking-ffa").click();
    await page.getByText("No rated match has been played in this mode yet").waitFor();
  });

  it("signs out and in again as the same player", async () => {
    await page.goto(`${url}/#account`);
    await page.getByTestId("email").fill(EMAIL);
    await page.getByTestId("current-password").fill("not the password");
    await page.keyboard.press("Enter");
    assert.match(await text("problem"), /^Wrong e-mail address or password/);
    await page.getByTestId("current-password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByTestId("sign-out").waitFor();
    assert.equal(await page.getByTestId("account-name").inputValue(), "Princess of Crete");
    await page.getByTestId("sign-out").click();
    await page.getByTestId("sign-in").waitFor();
    assert.equal(await token(), null);
    await page.getByTestId("back").click();
    assert.match(await text("who"), /guest/);
    assert.match(await page.getByTestId("name").inputValue(), /^Guest \d+$/);
  });

  it("refuses an invalid name before a match, and a taken name for an account", async () => {
    await page.getByTestId("name").fill("no/slash");
    await page.getByTestId("play").click();
    await page.getByTestId("notice").getByText("Invalid name. Use 2 to 24 letters").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "name");
    await page.getByTestId("notice").getByRole("button").click();
    await page.getByTestId("name").fill("Bоt 3 ");
    await page.getByTestId("play").click();
    await page.getByTestId("notice").getByText("it looks like the name of a bot").waitFor();
    assert.equal(await page.getByTestId("name").inputValue(), "Bоt 3");
    await page.getByTestId("notice").getByRole("button").click();
    await page.getByTestId("name").fill("princess of crete");
    await page.getByTestId("play").click();
    await untilPhase("waiting");
    await page.getByTestId("leave").click();
    await page.getByTestId("to-account").click();
    await page.getByTestId("new-email").fill("pasiphae@knossos.example");
    await page.getByTestId("new-password").fill(PASSWORD);
    await page.getByTestId("register-send").click();
    assert.match(await text("problem"), /^This name is taken by another account/);
    await page.getByTestId("account-name").fill("Prіncess of Crete");
    await page.getByTestId("register-send").click();
    assert.match(await text("problem"), /looks like the name of one/);
    await page.getByTestId("back").click();
  });

  it("plays under a name with an emoji of seven code points, unchanged", async () => {
    const name = "O’Brien 👨‍👩‍👧‍👦";
    await page.getByTestId("name").fill(name);
    await page.getByTestId("play").click();
    await untilPhase("waiting");
    await page.locator("#hud .who").getByText(name, { exact: true }).waitFor();
    await page.getByTestId("leave").click();
  });

  it("fits small windows", async () => {
    await page.setViewportSize({ width: 480, height: 400 });
    for (const address of ["ranking/duel", "record", "account", ""]) {
      await page.goto(`${url}/#${address}`);
      await page.locator(".card").waitFor();
      await page.waitForFunction(() => document.querySelector("[aria-busy]") === null);
      await screenshot(`small-${address.split("/")[0] || "menu-links"}`);
      const beside = await page.evaluate(() => {
        const screen = document.getElementById("screen")!;
        return screen.scrollWidth - screen.clientWidth;
      });
      assert.equal(beside, 0, address);
    }
  });
});

/** Joins an open duel and ignores its messages. */
async function joinDuel(client: Client): Promise<Room> {
  return quiet(await untilAccepted(() => client.joinOrCreate("arena", { mode: "duel" })));
}

function quiet(room: Room): Room {
  room.reconnection.enabled = false;
  room.onMessage("facts", () => {});
  return room;
}

async function signedInAs(url: string, token: string): Promise<Client> {
  const client = new Client(url);
  await new Promise(setImmediate);
  client.auth.token = token;
  return client;
}

const ended = (room: Room): Promise<void> =>
  new Promise((resolve) => room.onStateChange((state: any) => void (state.phase === "ended" && resolve())));

/** Plays `count` matches against bots to the end, all at the same time. */
async function privateMatches(client: Client, count: number): Promise<void> {
  const playing = Array.from({ length: count }, async () => {
    const room = quiet(await untilAccepted(() => client.create("arena", { mode: "duel" })));
    await ended(room);
    await room.leave();
  });
  await Promise.all(playing);
}

/** Number of players in the duel ranking. */
async function ranked(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/rankings?mode=duel`);
  return ((await answer.json()) as { total: number }).total;
}

/** `CROWD` players play one rated duel each, which ends in a draw. */
async function crowdedDuels(url: string): Promise<void> {
  const clients: Client[] = [];
  for (let i = 0; i < CROWD; i++) clients.push(await guest(url));
  const playing = clients.map(async (client) => {
    const room = await joinDuel(client);
    await ended(room);
    await room.leave();
  });
  await Promise.all(playing);
}
