/** Checks that the example client connects, fights and ends with the match. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { Host } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";
import { recordUpgrades } from "../rooms/recordUpgrades.ts";

const example = path.resolve(import.meta.dirname, "../../examples/client.ts");

describe("examples/client.ts", () => {
  const host = new Host();
  const urls = recordUpgrades();
  before(() => host.start({ games: [quickArena()] }));
  after(() => host.stop());

  it("plays a duel to its end, without its token in a URL", async () => {
    const child = spawn(process.execPath, [example, host.url], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (bytes) => {
      out += bytes;
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.match(out, /left with code 4000, \d+ ticks played/);
    const ended = host.tickEvents.matches[0].records.at(-1)!.matchEvents[0];
    assert.equal(ended.kind, "ended");
    assert.deepEqual([urls.length, urls.filter((url) => url.includes("_authToken"))], [1, []]);
  });
});
