/** Tests that sockets are still served in overload: everything that has arrived is read between two wake-ups of the scheduler. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { TickScheduler } from "../../../src/platform/tick/TickScheduler.ts";

const ROOMS = 40;
const STEP_MS = 4;
const ROUND_TRIPS = 5;

describe("the scheduler with three times as many rooms as it can step", () => {
  it("still lets sockets be read and written", async () => {
    const scheduler = new TickScheduler(20, { onStep: () => {}, onCloseFailed: () => {} });
    const room = {
      game: "arena",
      mode: "duel",
      playerCount: 2,
      about: { roomId: "r", matchId: "m", tick: 0 },
      step() {
        const until = performance.now() + STEP_MS;
        while (performance.now() < until);
      },
      onStepError: (error: unknown) => assert.fail(String(error)),
    };
    const echo = net.createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const client = net.connect((echo.address() as AddressInfo).port, "127.0.0.1");
    await once(client, "connect");
    const stops = Array.from({ length: ROOMS }, () => scheduler.start({ ...room }));
    try {
      for (let trip = 0; trip < ROUND_TRIPS; trip++) {
        client.write("?");
        await once(client, "data");
      }
    } finally {
      for (const stop of stops) stop();
      client.destroy();
      echo.close();
    }
  }).timeout(240_000);
});
