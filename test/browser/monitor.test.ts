/** The monitor's buttons in a real Chromium: they ask for a reason, and the act is recorded with it. */
import assert from "node:assert/strict";
import { Client, type Room } from "@colyseus/sdk";
import type { Browser, BrowserContext, Dialog, Page } from "playwright-core";
import { openBrowser } from "./openBrowser.ts";
import { OPERATOR, recordedActs, startWithOperator } from "./operator.ts";
import type { PageServer } from "./PageServer.ts";

describe("the monitor in a browser", function () {
  this.timeout(300_000);
  let server: PageServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let room: Room<any, any>;

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
    const client = new Client(`http://127.0.0.1:${server.port}`);
    await client.auth.signInAnonymously();
    room = await client.create<any>("party", {});
    room.reconnection.enabled = false;
    await page.goto(`http://127.0.0.1:${server.port}/monitor/`);
    await page.locator(`[data-id="${room.roomId}"]`).waitFor();
  });
  afterEach(async () => {
    if (room.connection.isOpen) await room.leave();
    await context.close();
  });

  const acts = () => recordedActs(server);
  /** Resolves once the dialog is closed. */
  const closeRoom = async (answer: (dialog: Dialog) => Promise<void>) => {
    const asked = new Promise<void>((resolve, reject) =>
      page.once("dialog", (dialog) => void answer(dialog).then(resolve, reject)),
    );
    await page.locator(`[data-id="${room.roomId}"] [aria-label="Dispose room"]`).click();
    await asked;
  };

  it("closes a room for the reason that the operator enters", async () => {
    const left = new Promise((resolve) => room.onLeave(resolve));
    await closeRoom((dialog) => dialog.accept("a test"));
    await left;
    const [{ room: closed, detail, reason }] = await acts();
    assert.deepEqual([closed, detail, reason], [room.roomId, "disconnect []", "a test"]);
  });

  it("does nothing if the operator cancels, and shows why the server refuses an act", async () => {
    const before = await acts();
    await closeRoom((dialog) => dialog.dismiss());
    const alerted = new Promise<string>((resolve) => {
      const note = async (dialog: Dialog) => {
        if (dialog.type() !== "alert") return;
        page.off("dialog", note);
        resolve(dialog.message());
        await dialog.accept();
      };
      page.on("dialog", note);
    });
    await closeRoom((dialog) => dialog.accept(" "));
    assert.match(await alerted, /needs a reason/);
    assert.ok(room.connection.isOpen);
    assert.deepEqual(await acts(), before);
  });
});
