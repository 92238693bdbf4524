/**
 * Forgotten password, devices and stored data on the page, in a real Chromium against the whole server and a real mail server.
 * Screenshots of each screen are saved in test-output/.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { MailServer } from "../players/mail/MailServer.ts";
import { openBrowser, SCREENSHOTS } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

const DESK = { width: 1280, height: 720 };
const PHONE = { width: 360, height: 640 };
const EMAIL = "theseus@athens.example";
const [FIRST, SECOND, THIRD] = ["black sails for home", "white sails for home", "no sails for home"];
const TOKEN = "colyseus-auth-token";

describe("the page's passwords, devices and data", function () {
  this.timeout(240_000);
  let server: PageServer;
  let browser: Browser;
  let mail: MailServer;
  let url = "";
  let desk: Page;
  let phone: Page;
  const crashes: string[] = [];

  before(async () => {
    mail = await MailServer.start();
    server = await PageServer.start({
      ...{ SMTP_URL: `smtp://127.0.0.1:${mail.port}`, MAIL_FROM: "no-reply@athens.example" },
      PUBLIC_URL: "http://play.athens.example/arena",
    });
    url = `http://127.0.0.1:${server.port}`;
    browser = await openBrowser();
    [desk, phone] = [await open(DESK), await open(PHONE)];
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await mail?.stop();
  });

  afterEach(() => assert.deepEqual(crashes, []));

  async function open(viewport: typeof DESK): Promise<Page> {
    const page = await (await browser.newContext({ viewport })).newPage();
    page.on("pageerror", (error) => crashes.push(String(error.stack)));
    page.setDefaultTimeout(60_000);
    await page.goto(`${url}/#account`);
    await page.getByTestId("account").waitFor();
    return page;
  }

  /** Takes a screenshot and checks that nothing exceeds the width of the window. */
  async function screenshot(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("#screen *")]
        .filter((node) => {
          const { left, right, width } = node.getBoundingClientRect();
          return width > 0 && (left < 0 || right > innerWidth + 1);
        })
        .map((node) => node.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(outside, [], name);
  }

  const click = (page: Page, testId: string): Promise<void> => page.getByTestId(testId).click();
  const fill = (page: Page, testId: string, text: string): Promise<void> => page.getByTestId(testId).fill(text);
  const message = (page: Page, text: string): Promise<void> => page.getByTestId("message").getByText(text).waitFor();
  const problem = (page: Page, text: string): Promise<void> => page.getByTestId("problem").getByText(text).waitFor();
  const token = (page: Page): Promise<string | null> => page.evaluate((key) => localStorage.getItem(key), TOKEN);

  async function signIn(page: Page, password: string): Promise<void> {
    await fill(page, "email", EMAIL);
    await fill(page, "current-password", password);
    await click(page, "sign-in-send");
    await page.getByTestId("sign-out").waitFor();
  }

  /** Requests a link on the current page and returns its hash. */
  async function link(page: Page): Promise<string> {
    await fill(page, "forgot-email", EMAIL);
    await click(page, "forgot-send");
    await message(page, "If this address has an account");
    const found = /^http:\/\/play\.athens\.example\/arena\/(#reset\/\S+)$/m.exec((await mail.next()).text);
    return found![1];
  }

  it("sends a link to set a new password", async () => {
    await fill(desk, "account-name", "Theseus");
    await fill(desk, "new-email", EMAIL);
    await fill(desk, "new-password", FIRST);
    await click(desk, "register-send");
    await desk.getByTestId("sign-out").waitFor();

    await screenshot(phone, "phone-account-guest");
    await click(phone, "to-forgot");
    await screenshot(phone, "phone-forgot");
    const hash = await link(phone);
    await screenshot(phone, "phone-forgot-sent");
    await phone.goto(`${url}/${hash}`);
    await phone.getByTestId("reset-page").waitFor();
    await screenshot(phone, "phone-reset");
    await fill(phone, "new-password", SECOND);
    await click(phone, "reset-send");
    await message(phone, "Password changed. Sign in with your new password.");
    assert.equal(new URL(phone.url()).hash, "#account");
    await signIn(phone, SECOND);
    await screenshot(phone, "phone-account-own");
    await phone.goBack();
    assert.notEqual(new URL(phone.url()).hash, hash, "Back leads to no used link");
  });

  it("signs out every device after a password change, and then accepts neither the old password nor the link", async () => {
    await desk.reload();
    await desk.getByTestId("sign-in").waitFor();
    assert.equal(await token(desk), null);
    await fill(desk, "email", EMAIL);
    await fill(desk, "current-password", FIRST);
    await click(desk, "sign-in-send");
    await problem(desk, "Wrong e-mail address or password");
    await click(desk, "to-forgot");
    await screenshot(desk, "forgot");
    const hash = await link(desk);
    await screenshot(desk, "forgot-sent");
    await desk.goto(`${url}/${hash}`);
    await fill(desk, "new-password", THIRD);
    await screenshot(desk, "reset");
    await click(desk, "reset-send");
    await message(desk, "Password changed. Sign in with your new password.");
    await desk.goto(`${url}/${hash}`);
    await fill(desk, "new-password", FIRST);
    await click(desk, "reset-send");
    await problem(desk, "This link was already used");
    await screenshot(desk, "reset-used");
    await click(desk, "to-forgot");
    await desk.getByTestId("forgot-page").waitFor();
  });

  it("signs out on all devices", async () => {
    for (const page of [desk, phone]) {
      await page.goto(`${url}/#account`);
      await page.reload();
      await page.getByTestId("sign-in").waitFor();
      await signIn(page, THIRD);
    }
    await screenshot(desk, "account-data");
    await click(desk, "sign-out-everywhere");
    await message(desk, "You are signed out on all devices");
    assert.equal(await token(desk), null);
    await phone.reload();
    await phone.getByTestId("sign-in").waitFor();
    assert.equal(await token(phone), null);
  });

  it("downloads all stored data of the player, without the e-mail address", async () => {
    await signIn(phone, THIRD);
    const [download] = await Promise.all([phone.waitForEvent("download"), click(phone, "export")]);
    assert.equal(download.suggestedFilename(), "hypogeum-export.json");
    const text = await readFile(await download.path(), "utf8");
    const { profile, identities, ratings, matches } = JSON.parse(text);
    assert.deepEqual([profile.name, identities.length, ratings, matches], ["Theseus", 1, [], []]);
    assert.ok(!text.includes(EMAIL));
  });

  it("deletes the account only after the confirmation word is typed", async () => {
    const id = await phone.evaluate(async (key) => {
      const headers = { authorization: `Bearer ${localStorage.getItem(key)}` };
      return (await (await fetch("/api/v1/me", { headers })).json()).id;
    }, TOKEN);
    await phone.getByTestId("deletion").getByText("Delete my account…").click();
    await phone.getByTestId("delete-send").scrollIntoViewIfNeeded();
    await screenshot(phone, "phone-delete");
    for (const wrong of ["", "delet", "Theseus"]) {
      await fill(phone, "delete-word", wrong);
      await click(phone, "delete-send");
      assert.equal(
        await phone.getByTestId("delete-word").evaluate((input: HTMLInputElement) => input.checkValidity()),
        false,
      );
    }
    assert.equal((await fetch(`${url}/api/v1/players/${id}`)).status, 200);
    await fill(phone, "delete-word", " Delete ");
    await click(phone, "delete-send");
    await message(phone, "Your account was deleted.");
    await screenshot(phone, "phone-deleted");
    assert.equal(await token(phone), null);
    assert.equal((await fetch(`${url}/api/v1/players/${id}`)).status, 404);
    await fill(phone, "email", EMAIL);
    await fill(phone, "current-password", THIRD);
    await click(phone, "sign-in-send");
    await problem(phone, "Wrong e-mail address or password");
  });

  it("deletes the data of a guest, who then plays as a new player", async () => {
    await desk.goto(`${url}/#`);
    await fill(desk, "name", "Minotaur");
    await click(desk, "play");
    await click(desk, "leave");
    const before = await token(desk);
    await desk.goto(`${url}/#account`);
    await desk.getByTestId("own-data").getByText("Your guest data").waitFor();
    await desk.getByTestId("deletion").getByText("Delete my guest data…").click();
    await fill(desk, "delete-word", "delete");
    await screenshot(desk, "guest-delete");
    await click(desk, "delete-send");
    await message(desk, "Your guest data was deleted.");
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${before}` } });
    assert.equal(answer.status, 401);
    await click(desk, "back");
    await click(desk, "play");
    await desk.getByTestId("leave").waitFor();
    assert.notEqual(await token(desk), before);
  });
});

describe("the page of a server that sends no mail", function () {
  this.timeout(240_000);
  let server: PageServer;
  let browser: Browser;
  before(async () => {
    server = await PageServer.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("reports that it cannot send e-mail", async () => {
    const page = await browser.newPage({ viewport: PHONE });
    await page.goto(`http://127.0.0.1:${server.port}/#forgot`);
    await page.getByTestId("forgot-email").fill(EMAIL);
    await page.keyboard.press("Enter");
    await page.getByTestId("problem").getByText("This server cannot send e-mail").waitFor();
    await page.screenshot({ path: path.join(SCREENSHOTS, "phone-forgot-no-mail.png") });
  });
});
