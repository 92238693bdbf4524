/**
 * Queue, found match and party on the page, in a real Chromium against the whole server. Other players are clients of the SDK.
 * Screenshots of each screen are saved in test-output/.
 */
import assert from "node:assert/strict";
import path from "node:path";
import type { Room } from "@colyseus/sdk";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { guest } from "../chaos/Player.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

const PHONE = { width: 360, height: 640 };

describe("the page's queue and parties", function () {
  this.timeout(240_000);
  let server: PageServer;
  let browser: Browser;
  let url: string;
  const contexts: BrowserContext[] = [];
  const rooms: Room<any, any>[] = [];
  const errors: string[] = [];

  before(async () => {
    server = await PageServer.start();
    url = `http://127.0.0.1:${server.port}`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    for (const room of rooms.splice(0)) {
      room.reconnection.enabled = false;
      if (room.connection.isOpen) await room.leave();
    }
    assert.deepEqual(errors.splice(0), []);
  });

  /** A page in a new browser context, at the menu. */
  async function open(name: string, viewport = { width: 1280, height: 720 }, hash = ""): Promise<Page> {
    const context = await browser.newContext({ viewport });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => errors.push(String(error.stack)));
    await page.goto(`${url}/${hash}`);
    if (hash === "") await page.getByTestId("name").fill(name);
    return page;
  }

  const screenshot = (page: Page, name: string): Promise<Buffer> =>
    page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });

  const text = async (page: Page, testId: string): Promise<string> =>
    (await page.getByTestId(testId).textContent()) ?? "";

  const untilPhase = (page: Page, ...phases: string[]): Promise<unknown> =>
    page
      .waitForFunction((wanted) => wanted.includes(document.body.dataset.phase ?? ""), phases, { polling: 50 })
      .catch(async () => {
        await screenshot(page, "stuck");
        const [phase, notice] = [await page.evaluate(() => document.body.dataset.phase), await text(page, "notice")];
        assert.fail(`waited for ${phases.join(" or ")}, but the page is at ${phase}; notice: "${notice}"`);
      });

  const click = (page: Page, testId: string): Promise<void> => page.getByTestId(testId).click();

  async function queue(page: Page, mode = "duel"): Promise<void> {
    await click(page, `mode-${mode}`);
    await click(page, "ranked");
    await untilPhase(page, "queue", "found");
  }

  /** Checks that nothing exceeds the width of the window. */
  async function checkWidth(page: Page): Promise<void> {
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("#screen *")]
        .filter((node) => {
          const { left, right, width } = node.getBoundingClientRect();
          return width > 0 && (left < 0 || right > innerWidth + 1);
        })
        .map((node) => node.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(outside, []);
  }

  it("finds a duel for two players, who confirm and play; a reload keeps the waiting time", async () => {
    const ada = await open("Ada");
    await queue(ada);
    await ada.waitForFunction(() => document.querySelector('[data-testid="queue-length"]')?.textContent === "1 player");
    assert.match(await text(ada, "waited"), /^0:\d\d$/);
    assert.equal(await text(ada, "estimate"), "unknown");
    await screenshot(ada, "queue");
    await ada.waitForTimeout(2100);
    await ada.reload();
    await untilPhase(ada, "queue");
    assert.notEqual(await text(ada, "waited"), "0:00", "the wait continues");

    const bea = await open("Bea", PHONE);
    await screenshot(bea, "phone-menu");
    await checkWidth(bea);
    await queue(bea);
    await screenshot(bea, "phone-queue");
    await Promise.all([untilPhase(ada, "found"), untilPhase(bea, "found")]);
    assert.match(await text(ada, "seconds"), /^(10|[5-9])$/);
    assert.match(await ada.title(), /^Match found!/);
    await screenshot(ada, "found");
    await screenshot(bea, "phone-found");
    await checkWidth(bea);
    await click(ada, "confirm");
    await ada.getByText("Waiting for the other players").waitFor();
    await screenshot(ada, "confirmed");
    await bea.keyboard.press("Enter");
    await Promise.all([untilPhase(ada, "countdown", "playing"), untilPhase(bea, "countdown", "playing")]);
    await Promise.all([untilPhase(ada, "playing"), untilPhase(bea, "playing")]);
    await bea.getByTestId("leave").click();
    await untilPhase(bea, "menu");
    await untilPhase(ada, "result");
    assert.equal(await text(ada, "again"), "Queue again");
    await ada.getByTestId("to-match").waitFor();
    assert.match(await text(ada, "rating"), /^Not rated: the match was too short\./);
  });

  it("returns a player to the queue, with a message, when the other player does not confirm in time", async () => {
    const [ada, bea] = [await open("Ada"), await open("Bea")];
    await queue(ada);
    await queue(bea);
    await Promise.all([untilPhase(ada, "found"), untilPhase(bea, "found")]);
    await ada.reload();
    await untilPhase(ada, "found");
    await click(ada, "confirm");
    await untilPhase(bea, "menu");
    assert.match(await text(bea, "notice"), /did not confirm the match in time/);
    await screenshot(bea, "not-confirmed");
    await untilPhase(ada, "queue");
    assert.match(await text(ada, "message"), /A player did not confirm\. You are back in the queue/);
    assert.match(await text(ada, "waited"), /^0:[1-3]\d$/);
    await screenshot(ada, "returned");
    await click(ada, "cancel");
    await untilPhase(ada, "menu");
    await ada.reload();
    await untilPhase(ada, "menu");
  });

  it("removes the player who declines from the queue; the other player stays", async () => {
    const [ada, bea] = [await open("Ada"), await open("Bea")];
    await queue(ada);
    await queue(bea);
    await untilPhase(bea, "found");
    await click(bea, "decline");
    await untilPhase(bea, "menu");
    await untilPhase(ada, "queue");
    assert.match(await text(ada, "message"), /A player did not confirm/);
  });

  it("can search for opponents of any rating, and saves the choice", async () => {
    const [ada, bea] = [await open("Ada"), await open("Bea")];
    await click(ada, "against-random");
    await screenshot(ada, "menu-ranked");
    await queue(ada);
    await queue(bea, "squad");
    await bea.waitForFunction(() => document.querySelector('[data-testid="queue-length"]')?.textContent === "1 player");
    assert.match((await ada.getByTestId("queue").textContent()) ?? "", /players of any rating/);
    assert.match((await bea.getByTestId("queue").textContent()) ?? "", /players near your rating/);
    await click(bea, "cancel");
    await untilPhase(bea, "menu");
    await click(bea, "against-random");
    await queue(bea);
    await Promise.all([untilPhase(ada, "found"), untilPhase(bea, "found")]);
    await click(ada, "decline");
    await untilPhase(ada, "menu");
    await ada.reload();
    await untilPhase(ada, "menu");
    assert.equal(await ada.getByTestId("against-random").getAttribute("aria-pressed"), "true");
  });

  it("shows an invitation to a party, which can be accepted even from the queue", async () => {
    const [ada, bea] = [await open("Ada"), await open("Bea", PHONE)];
    const listens = bea.waitForResponse((answer) => answer.url().includes("/live?scope=me"));
    await queue(bea);
    await listens;
    const token = await bea.evaluate(() => localStorage.getItem("colyseus-auth-token"));
    const me = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    const { id } = (await me.json()) as { id: string };
    await click(ada, "party");
    await click(ada, "party-create");
    await untilPhase(ada, "party");
    await ada.getByTestId("invite-who").fill("my friend Bea");
    await click(ada, "invite");
    assert.equal(await ada.getByTestId("invite-who").evaluate((input: any) => input.checkValidity()), false);
    await ada.getByTestId("invite-who").fill(`${url}/#record/${id}`);
    await click(ada, "invite");
    await bea.getByTestId("invitation").waitFor();
    assert.match(await text(bea, "invitation"), /invites you to a party/);
    await screenshot(bea, "phone-invitation");
    await screenshot(ada, "party-invited");
    assert.match(await text(ada, "message"), /^Invitation sent/);
    await click(bea, "invitation-join");
    await untilPhase(bea, "party");
    assert.equal(await text(bea, "code"), await text(ada, "code"));
    await ada.getByTestId("member").nth(1).waitFor();
    assert.equal(await bea.getByTestId("invitation").count(), 0);
    await checkWidth(bea);
  });

  it("lets players join a party by its code; the party queues and plays as one team", async () => {
    const ada = await open("Ada");
    await click(ada, "party");
    await screenshot(ada, "party-start");
    await click(ada, "party-create");
    await untilPhase(ada, "party");
    const code = await text(ada, "code");
    assert.match(code, /^[A-Z2-9]{8}$/);
    assert.equal(await ada.getByTestId("find-squad").isEnabled(), true);

    const bea = await open("Bea", PHONE);
    await click(bea, "party");
    await bea.getByTestId("party-code").fill("no such");
    await click(bea, "party-join");
    await untilPhase(bea, "party-start");
    await bea.getByTestId("party-code").fill("ZZZZ9999");
    await click(bea, "party-join");
    await bea.getByText("Party not found, or it is full. Check the code.").waitFor();
    await click(bea, "party");
    await screenshot(bea, "phone-party-start");
    await checkWidth(bea);
    await bea.getByTestId("party-code").fill(`${code.slice(0, 4).toLowerCase()} ${code.slice(4)}`);
    await click(bea, "party-join");
    await untilPhase(bea, "party");
    const eve = await open("Eve", undefined, `#party/${code}`);
    await untilPhase(eve, "party");
    await ada.getByTestId("kick").nth(1).waitFor();
    assert.equal(await ada.getByTestId("find-squad").isEnabled(), false, "not all are ready");
    await screenshot(ada, "party");
    await ada.getByTestId("kick").nth(1).click();
    await untilPhase(eve, "menu");
    assert.match(await text(eve, "notice"), /The party leader kicked you from the party/);

    await click(bea, "ready");
    await ada.getByText("✓ ready").waitFor();
    await screenshot(bea, "phone-party");
    await checkWidth(bea);
    assert.equal(await ada.getByTestId("find-duel").isEnabled(), false, "two are too many for a duel");
    await bea.reload();
    await untilPhase(bea, "party");
    await ada.getByText("disconnected").waitFor({ state: "detached" });
    await click(ada, "find-squad");
    await Promise.all([ada, bea].map((page) => page.getByTestId("wait").waitFor()));
    await screenshot(ada, "party-queued");
    await click(ada, "cancel");
    await ada.getByTestId("find-squad").waitFor();

    await click(bea, "ready");
    await ada.getByText("✓ ready").waitFor();
    await click(ada, "find-squad");
    const others = Array.from({ length: 6 }, () => play(rooms, url));
    await Promise.all([untilPhase(ada, "found"), untilPhase(bea, "found")]);
    await click(ada, "confirm");
    await ada.getByText("✓ confirmed").waitFor();
    await screenshot(ada, "party-found");
    await screenshot(bea, "phone-party-found");
    await checkWidth(bea);
    await click(bea, "confirm");
    await Promise.all([untilPhase(ada, "playing"), untilPhase(bea, "playing")]);
    const [match] = await Promise.all(others);
    const team = (name: string): number =>
      [...match.state.players.values()].find((one: any) => one.name === name)!.team;
    assert.equal(team("Ada"), team("Bea"));
    await click(ada, "leave");
    await untilPhase(ada, "party");
    await screenshot(ada, "party-again");
    await click(ada, "party-leave");
    await untilPhase(ada, "menu");
  });

  it("queues a party again without a click when a player of the other team leaves before the match starts", async () => {
    const ada = await open("Ada");
    await click(ada, "party");
    await click(ada, "party-create");
    await untilPhase(ada, "party");
    const bea = await open("Bea", undefined, `#party/${await text(ada, "code")}`);
    await untilPhase(bea, "party");
    await click(bea, "ready");
    await ada.getByText("✓ ready").waitFor();
    await click(ada, "find-squad");
    const others = Array.from({ length: 5 }, () => play(rooms, url));
    const leaver = play(rooms, url, async () => {
      // A player who leaves before all others have confirmed counts as one who did not confirm.
      for (const page of [ada, bea]) await page.getByText("✓ confirmed").nth(1).waitFor();
    });
    await Promise.all([untilPhase(ada, "found"), untilPhase(bea, "found")]);
    await Promise.all([click(ada, "confirm"), click(bea, "confirm")]);
    const [match] = await Promise.all([leaver, ...others]);
    await countdown(match);
    match.reconnection.enabled = false;
    await match.leave();
    for (const page of [ada, bea]) {
      await untilPhase(page, "party");
      await page.getByTestId("wait").waitFor();
      assert.match(await text(page, "message"), /left/);
    }
    await screenshot(ada, "party-queued-again");
  });
});

/** Resolves once the match counts down. */
function countdown(match: Room<any, any>): Promise<void> {
  return new Promise((resolve) =>
    match.onStateChange((state: any) => {
      if (state.phase === "countdown") resolve();
    }),
  );
}

/** Another player: queues for a squad, joins the match and confirms after `ready`. Resolves when all have confirmed. */
async function play(rooms: Room<any, any>[], url: string, ready = async () => {}): Promise<Room<any, any>> {
  const client = await guest(url);
  const queue = await untilAccepted(() => client.joinOrCreate<any>("queue", { mode: "squad", strategy: "elo" }));
  rooms.push(queue);
  const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
  await ready();
  const confirmed = new Promise((resolve) => queue.onLeave(resolve));
  const match = await client.consumeSeatReservation<any>(seat);
  rooms.push(match);
  match.onMessage("facts", () => {});
  queue.send("confirm");
  await confirmed;
  return match;
}
