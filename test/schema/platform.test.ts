import assert from "node:assert/strict";
import { platformOf } from "../../schema/platform.ts";

const KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)";

describe("platformOf", () => {
  it("tells phones and desktops apart in browsers, and nothing more", () => {
    const expected: Record<string, string> = {
      [`Mozilla/5.0 (X11; Linux x86_64) ${KHTML} Chrome/140.0.0.0 Safari/537.36`]: "web-desktop",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "web-desktop",
      [`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${KHTML} Chrome/140.0.0.0 Mobile Safari/537.36`]: "web-mobile",
      [`Mozilla/5.0 (Linux; Android 15; SM-X910) ${KHTML} Chrome/140.0.0.0 Safari/537.36`]: "web-mobile",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)": "web-mobile",
      "UnityPlayer/6000.0 (UnityWebRequest/1.0)": "other",
      node: "other",
      "": "other",
    };
    for (const [userAgent, platform] of Object.entries(expected)) assert.equal(platformOf(userAgent), platform);
    assert.equal(platformOf(undefined), "other");
  });
});
