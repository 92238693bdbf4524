/** What the page sends in the URL of a WebSocket, checked with the real SDK and server. */
import assert from "node:assert/strict";
import { SeatClient } from "../../web/net/SeatClient.ts";
import { Host } from "../rooms/Host.ts";
import { recordUpgrades } from "../rooms/recordUpgrades.ts";

describe("the page's connections to rooms", () => {
  const host = new Host();
  const urls = recordUpgrades();
  before(() => host.start());
  after(() => host.stop());

  it("carry no token when the page joins, joins a private match by its code, and reconnects", async () => {
    const client = await host.signedInClient();
    const seats = new SeatClient(client);
    const room = await seats.join("create", "arena", { mode: "duel" });
    const other = await host.signedInClient();
    const second = await new SeatClient(other).join("joinById", room.roomId, { mode: "duel" });
    const { reconnectionToken } = second;
    second.reconnection.enabled = false;
    second.connection.close();
    await new Promise((resolve) => second.onLeave(resolve));
    const back = await new SeatClient(other).reconnect(reconnectionToken);
    assert.equal(back.sessionId, second.sessionId);
    const third = await new SeatClient(await host.signedInClient()).join("joinOrCreate", "arena", { mode: "ffa" });
    assert.equal(urls.length, 4);
    for (const url of urls) assert.match(url, /^[^?]*\?sessionId=[\w-]+(&reconnectionToken=[\w-]+)?$/);
    for (const left of [room, back, third]) await left.leave();
  });

  it("would carry it with one client, as the documentation says", async () => {
    const client = await host.signedInClient();
    const room = await client.joinOrCreate("arena", { mode: "ffa" });
    assert(urls[0].includes(`_authToken=${client.auth.token}`));
    await room.leave();
  });
});
