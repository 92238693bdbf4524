/** Checks that the example for ranked matches queues again when its opponent leaves before the start. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Room, SeatReservation } from "@colyseus/sdk";
import { Host, until } from "../rooms/Host.ts";
import { quickArena } from "../rooms/quickArena.ts";

const example = path.resolve(import.meta.dirname, "../../examples/ranked.ts");

describe("examples/ranked.ts", () => {
  const host = new Host();
  before(() => host.start({ games: [quickArena({ countdownMs: 4000 })] }));
  after(() => host.stop());

  async function opponent(): Promise<Room<any, any>> {
    const client = await host.signedInClient();
    const queue = host.keep(await client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }));
    queue.onMessage("returned", () => {});
    const seat = await new Promise<SeatReservation>((resolve) => queue.onMessage("seat", resolve));
    const match = host.keep(await client.consumeSeatReservation<any>(seat));
    queue.send("confirm");
    await new Promise((resolve) => queue.onLeave(resolve));
    return match;
  }

  it("queues again when its opponent leaves before the start, and plays the next duel to its end", async () => {
    const child = spawn(process.execPath, [example, host.url], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (bytes) => {
      out += bytes;
    });
    const dodger = await opponent();
    await until(dodger, ({ phase }) => phase === "countdown", 60_000);
    await dodger.leave();
    const fair = await opponent();
    await until(fair, ({ phase }) => phase === "ended", 60_000);
    const [code] = await once(child, "close");
    assert.deepEqual([code, out], [0, "a player left before the start; queueing again\nleft with code 4000\n"]);
    assert.notEqual(fair.roomId, dodger.roomId);
  });
});
