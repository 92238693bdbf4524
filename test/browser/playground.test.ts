/** The playground's profiler in a real Chromium: it asks for a reason, and the act is recorded with it. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "./openBrowser.ts";
import { OPERATOR, recordedActs, startWithOperator } from "./operator.ts";
import type { PageServer } from "./PageServer.ts";

describe("the playground in a browser", function () {
  this.timeout(300_000);
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await startWithOperator();
    browser = await openBrowser();
    page = await (await browser.newContext({ httpCredentials: OPERATOR })).newPage();
    await page.goto(`http://127.0.0.1:${server.port}/playground/`);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Sends what the page's own buttons send. */
  const post = (path: string) =>
    page.evaluate(async (url) => (await fetch(url, { method: "POST" })).json(), `profiling/${path}`);
  const acts = async () => (await recordedActs(server)).map(({ detail, reason }) => [detail, reason]);

  it("asks once for the reason of a profile, and does nothing if the operator cancels", async () => {
    let asked = 0;
    page.on("dialog", (dialog) => void (asked++ === 0 ? dialog.dismiss() : dialog.accept("lag")));
    assert.deepEqual(await post("start?interval=1000"), { error: "cancelled" });
    assert.deepEqual(await acts(), []);
    assert.equal((await post("start?interval=1000")).status, "started");
    assert.equal((await post("stop")).status, "stopped");
    assert.equal(asked, 2);
    assert.deepEqual(await acts(), [
      ["POST /profiling/stop", "lag"],
      ["POST /profiling/start interval=1000", "lag"],
    ]);
  });
});
