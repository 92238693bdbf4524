/** Matches that end while the page is in a hidden tab, which draws no frames, or cannot reach the server. */
import assert from "node:assert/strict";
import type { Client, Room } from "@colyseus/sdk";
import type { Browser, Page } from "playwright-core";
import { guest } from "../chaos/Player.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { openBrowser } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";
import { Tabs } from "./Tabs.ts";
import { TcpProxy } from "./TcpProxy.ts";

describe("the page without frames or connection", function () {
  this.timeout(240_000);
  let server: PageServer;
  let url: string;
  let tabs: Tabs | undefined;
  let browser: Browser | undefined;
  let rival: Client;

  before(async () => {
    server = await PageServer.start();
    url = `http://127.0.0.1:${server.port}`;
    rival = await guest(url);
  });
  after(() => server?.stop());
  afterEach(async () => {
    await tabs?.close();
    await browser?.close();
    tabs = browser = undefined;
  });

  const phase = (page: Page): Promise<string> => page.evaluate(() => document.body.dataset.phase ?? "");

  const untilPhase = (page: Page, ...phases: string[]): Promise<unknown> =>
    page.waitForFunction((wanted) => wanted.includes(document.body.dataset.phase ?? ""), phases, { polling: 50 });

  /** Starts a duel between the page and a client, who can end it by leaving. */
  async function startDuel(page: Page): Promise<Room> {
    page.setDefaultTimeout(120_000);
    await page.goto(url);
    await page.getByTestId("play").click();
    await untilPhase(page, "waiting");
    const room = await untilAccepted(() => rival.joinOrCreate("arena", { mode: "duel" }));
    room.reconnection.enabled = false;
    room.onMessage("facts", () => {});
    await untilPhase(page, "playing");
    return room;
  }

  it("shows the result of a match that ended while its tab was hidden", async () => {
    tabs = await Tabs.open();
    const page = await tabs.add();
    const room = await startDuel(page);
    await tabs.add();
    await page.waitForFunction(() => document.hidden, undefined, { polling: 50 });
    assert.equal(await phase(page), "playing");
    await room.leave();
    await untilPhase(page, "result", "menu");
    assert.deepEqual(await page.evaluate(() => [document.hidden, document.getElementById("notice")!.textContent]), [
      true,
      "",
    ]);
    assert.match((await page.getByTestId("result").textContent()) ?? "", /Victory.*Your opponent left/);
  });

  it("shows the record of a match that ended while its connection was lost", async () => {
    browser = await openBrowser();
    const page = await browser.newPage();
    const refusing = await TcpProxy.start(server.port);
    refusing.cut();
    await page.addInitScript(cutSocketsOnRequest, `ws://127.0.0.1:${refusing.port}/`);
    const room = await startDuel(page);
    await page.evaluate(() => (globalThis as any).cutSockets());
    await untilPhase(page, "reconnecting");
    await room.leave();
    await untilPhase(page, "match");
    await page.locator("table.figures").waitFor();
    assert.match((await page.locator("table.figures tr.own").textContent()) ?? "", /\(you/);
    await refusing.close();
  });
});

/** Runs in the page: `cutSockets()` closes all WebSockets, and later ones connect to `refusing`. Requests still work. */
function cutSocketsOnRequest(refusing: string): void {
  const opened: WebSocket[] = [];
  let isCut = false;
  const { WebSocket } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(isCut ? refusing : url, protocols);
      opened.push(this);
    }
  };
  (globalThis as any).cutSockets = () => {
    isCut = true;
    for (const socket of opened) socket.close();
  };
}
