/** A game whose page comes from another origin than its server, with the unmodified SDK in a real Chromium. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { findPackageJSON } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "./openBrowser.ts";
import { PageServer } from "./PageServer.ts";

const sdk = readFileSync(path.join(findPackageJSON("@colyseus/sdk", import.meta.url)!, "../dist/colyseus.js"));

describe("a page of another origin", function () {
  this.timeout(300_000);
  let browser: Browser;
  let origin: string;
  const files = http.createServer((request, response) => {
    if (request.url === "/sdk.js") response.writeHead(200, { "content-type": "text/javascript" }).end(sdk);
    else response.writeHead(200, { "content-type": "text/html" }).end('<!doctype html><script src="/sdk.js"></script>');
  });
  before(async () => {
    files.listen(0, "127.0.0.1");
    await once(files, "listening");
    origin = `http://localhost:${(files.address() as AddressInfo).port}`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    files.close();
    files.closeAllConnections();
  });

  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(origin);
    return page;
  };

  /** Signs in, joins, changes the name by the REST API, and resolves to `joined`, or the error. */
  const play = (page: Page, server: PageServer): Promise<string> =>
    page.evaluate(async (url) => {
      try {
        const { Client } = (globalThis as any).Colyseus;
        const client = new Client(url);
        await client.auth.signInAnonymously();
        const { data } = await client.http.patch("/api/v1/me", { body: { name: "Ada of elsewhere" } });
        const room = await client.joinOrCreate("arena", { mode: "duel" });
        await room.leave();
        return `joined as ${data.name}`;
      } catch (error) {
        return String(error);
      }
    }, `http://127.0.0.1:${server.port}`);

  for (const [about, env] of [
    ["by default", () => ({})],
    ["that CORS_ORIGINS names", () => ({ CORS_ORIGINS: `https://play.example.com,${origin}` })],
  ] as const)
    it(`can sign in, use the REST API and join with the SDK: ${about}`, async () => {
      const server = await PageServer.start(env());
      try {
        assert.equal(await play(await open(), server), "joined as Ada of elsewhere");
      } finally {
        await server.stop();
      }
    });

  it("that CORS_ORIGINS does not name can do nothing", async () => {
    const server = await PageServer.start({ CORS_ORIGINS: "https://play.example.com" });
    try {
      assert.match(await play(await open(), server), /Failed to fetch|NetworkError/);
    } finally {
      await server.stop();
    }
  });
});
