/**
 * A forgotten password, devices and one's own data on the page, in a real Chromium against the whole program and a real mail
 * server. Pictures of each screen are left in test-output/.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { MailServer } from "../players/mail/MailServer.ts";
import { openBrowser, PICTURES } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

const DESK = { width: 1280, height: 720 };
const PHONE = { width: 360, height: 640 };
const EMAIL = "theseus@athens.example";
const [FIRST, SECOND, THIRD] = ["black sails for home", "white sails for home", "no sails for home"];
const TOKEN = "colyseus-auth-token";

describe("the page's passwords, devices and data", function () {
  this.timeout(90_000);
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
    page.setDefaultTimeout(15_000);
    await page.goto(`${url}/#account`);
    await page.getByTestId("account").waitFor();
    return page;
  }

  /** A picture, in which nothing sticks out to the side. */
  async function picture(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
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
  const said = (page: Page, text: string): Promise<void> => page.getByTestId("said").getByText(text).waitFor();
  const problem = (page: Page, text: string): Promise<void> => page.getByTestId("problem").getByText(text).waitFor();
  const token = (page: Page): Promise<string | null> => page.evaluate((key) => localStorage.getItem(key), TOKEN);

  async function signIn(page: Page, password: string): Promise<void> {
    await fill(page, "email", EMAIL);
    await fill(page, "current-password", password);
    await click(page, "sign-in-send");
    await page.getByTestId("sign-out").waitFor();
  }

  /** Asks for a link on the page that is shown, and gives what stands behind its `#`. */
  async function link(page: Page): Promise<string> {
    await fill(page, "forgot-email", EMAIL);
    await click(page, "forgot-send");
    await said(page, "If this address has an account");
    const found = /^http:\/\/play\.athens\.example\/arena\/(#reset\/\S+)$/m.exec((await mail.next()).text);
    return found![1];
  }

  it("mails a link to who forgot the password, by which another is set", async () => {
    await fill(desk, "account-name", "Theseus");
    await fill(desk, "new-email", EMAIL);
    await fill(desk, "new-password", FIRST);
    await click(desk, "register-send");
    await desk.getByTestId("sign-out").waitFor();

    await picture(phone, "phone-account-guest");
    await click(phone, "to-forgot");
    await picture(phone, "phone-forgot");
    const hash = await link(phone);
    await picture(phone, "phone-forgot-sent");
    await phone.goto(`${url}/${hash}`);
    await phone.getByTestId("reset-page").waitFor();
    await picture(phone, "phone-reset");
    await fill(phone, "new-password", SECOND);
    await click(phone, "reset-send");
    await said(phone, "Your new password is set");
    assert.equal(new URL(phone.url()).hash, "#account");
    await signIn(phone, SECOND);
    await picture(phone, "phone-account-own");
    await phone.goBack();
    assert.notEqual(new URL(phone.url()).hash, hash, "Back leads to no used link");
  });

  it("signed out every device by it, and takes neither the old password nor the link again", async () => {
    await desk.reload();
    await desk.getByTestId("sign-in").waitFor();
    assert.equal(await token(desk), null);
    await fill(desk, "email", EMAIL);
    await fill(desk, "current-password", FIRST);
    await click(desk, "sign-in-send");
    await problem(desk, "E-mail address or password is wrong");
    await click(desk, "to-forgot");
    await picture(desk, "forgot");
    const hash = await link(desk);
    await picture(desk, "forgot-sent");
    await desk.goto(`${url}/${hash}`);
    await fill(desk, "new-password", THIRD);
    await picture(desk, "reset");
    await click(desk, "reset-send");
    await said(desk, "Your new password is set");
    await desk.goto(`${url}/${hash}`);
    await fill(desk, "new-password", FIRST);
    await click(desk, "reset-send");
    await problem(desk, "This link was used already");
    await picture(desk, "reset-used");
    await click(desk, "to-forgot");
    await desk.getByTestId("forgot-page").waitFor();
  });

  it("logs out of all devices", async () => {
    for (const page of [desk, phone]) {
      await page.goto(`${url}/#account`);
      await page.reload();
      await page.getByTestId("sign-in").waitFor();
      await signIn(page, THIRD);
    }
    await picture(desk, "account-data");
    await click(desk, "sign-out-everywhere");
    await said(desk, "You are logged out on all devices");
    assert.equal(await token(desk), null);
    await phone.reload();
    await phone.getByTestId("sign-in").waitFor();
    assert.equal(await token(phone), null);
  });

  it("downloads all that is stored of one, without the e-mail address", async () => {
    await signIn(phone, THIRD);
    const [download] = await Promise.all([phone.waitForEvent("download"), click(phone, "export")]);
    assert.equal(download.suggestedFilename(), "hypogeum-export.json");
    const text = await readFile(await download.path(), "utf8");
    const { profile, identities, ratings, matches } = JSON.parse(text);
    assert.deepEqual([profile.name, identities.length, ratings, matches], ["Theseus", 1, [], []]);
    assert.ok(!text.includes(EMAIL));
  });

  it("deletes the account of who types so, and nobody else's", async () => {
    const id = await phone.evaluate(async (key) => {
      const headers = { authorization: `Bearer ${localStorage.getItem(key)}` };
      return (await (await fetch("/api/v1/me", { headers })).json()).id;
    }, TOKEN);
    await phone.getByTestId("deletion").getByText("Delete my account …").click();
    await phone.getByTestId("delete-send").scrollIntoViewIfNeeded();
    await picture(phone, "phone-delete");
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
    await said(phone, "Nothing here names you any more");
    await picture(phone, "phone-deleted");
    assert.equal(await token(phone), null);
    assert.equal((await fetch(`${url}/api/v1/players/${id}`)).status, 404);
    await fill(phone, "email", EMAIL);
    await fill(phone, "current-password", THIRD);
    await click(phone, "sign-in-send");
    await problem(phone, "E-mail address or password is wrong");
  });

  it("lets a guest take and delete what is stored, who plays on as somebody new", async () => {
    await desk.goto(`${url}/#`);
    await fill(desk, "name", "Minotaur");
    await click(desk, "play");
    await click(desk, "leave");
    const before = await token(desk);
    await desk.goto(`${url}/#account`);
    await desk.getByTestId("own-data").getByText("Your data as a guest").waitFor();
    await desk.getByTestId("deletion").getByText("Delete this guest …").click();
    await fill(desk, "delete-word", "delete");
    await picture(desk, "guest-delete");
    await click(desk, "delete-send");
    await said(desk, "Nothing here names you any more");
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${before}` } });
    assert.equal(answer.status, 401);
    await click(desk, "back");
    await click(desk, "play");
    await desk.getByTestId("leave").waitFor();
    assert.notEqual(await token(desk), before);
  });
});

describe("the page of a server that sends no mail", function () {
  this.timeout(60_000);
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

  it("says so to who forgot the password", async () => {
    const page = await browser.newPage({ viewport: PHONE });
    await page.goto(`http://127.0.0.1:${server.port}/#forgot`);
    await page.getByTestId("forgot-email").fill(EMAIL);
    await page.keyboard.press("Enter");
    await page.getByTestId("problem").getByText("This server sends no mail").waitFor();
    await page.screenshot({ path: path.join(PICTURES, "phone-forgot-no-mail.png") });
  });
});
