import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { LiveStreamHandler } from "../../src/pipeline/sinks/live/LiveStreamHandler.ts";
import { RingFeed } from "../../src/pipeline/sinks/live/RingFeed.ts";
import { useApi } from "./useApi.ts";

describe("GET /live?scope=me", () => {
  const feed = new RingFeed({ now: Date.now });
  const live = new LiveStreamHandler({ feed, heartbeatMs: 20 });
  const api = useApi({ serveLive: (request, response, listener) => live.handle(request, response, listener) });
  let server: http.Server;
  let url = "";

  before(async () => {
    server = http.createServer((request, response) => void api().api.handle(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/live`;
  });
  after(async () => {
    await live.close();
    server.closeAllConnections();
    server.close();
  });

  const listen = (token: string, query = "?scope=me") =>
    fetch(`${url}${query}`, { headers: { authorization: `Bearer ${token}` } });
  const invite = (to: string, from: string) =>
    feed.publish([{ event: "party_invitation", to, data: JSON.stringify({ partyId: "ABCDEFGH", from, at: 1 }) }]);

  /** Everything received until `enough`, or until the server ends the stream. */
  async function read({ body }: Response, enough: (text: string) => boolean = () => false): Promise<string> {
    let text = "";
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!enough(text)) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += value;
    }
    await reader.cancel();
    return text;
  }

  it("is refused without a token, and with an invalid token, scope or event id", async () => {
    assert.equal((await fetch(`${url}?scope=me`)).status, 401);
    const forged = await listen("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.");
    assert.deepEqual([forged.status, (await forged.json()).code], [401, "TOKEN_INVALID"]);
    const { token } = await api().anonymous();
    assert.equal((await listen(token, "?scope=all")).status, 400);
    assert.equal((await listen(token, "?scope=me&lastEventId=*")).status, 400);
    assert.equal(live.connections, 0);
  });

  it("sends each player their own events, and never those of another player", async () => {
    const [a, b] = [await api().anonymous(), await api().anonymous()];
    const [ofA, ofB, publicFeed] = [await listen(a.token), await listen(b.token), await fetch(url)];
    await invite(a.id, "friend");
    await feed.publish([{ event: "kill", data: "{}" }]);
    await invite(b.id, "stranger");
    const [textA, textB, text] = await Promise.all([
      read(ofA, (text) => text.includes("friend")),
      read(ofB, (text) => text.includes("stranger")),
      read(publicFeed, (text) => text.includes("kill")),
    ]);
    assert.match(textA, /event: party_invitation\ndata: {"partyId":"ABCDEFGH","from":"friend","at":1}\n\n/);
    assert.doesNotMatch(textA, /kill|stranger/);
    assert.doesNotMatch(textB, /kill|friend/);
    assert.doesNotMatch(text, /party_invitation/);
    const missed = await listen(b.token, "?scope=me&lastEventId=0-1");
    assert.doesNotMatch(await read(missed, (text) => text.includes("stranger")), /friend|kill/);
  });

  it("ends when all devices are logged out, and when the player is deleted", async () => {
    for (const [method, path] of [
      ["POST", "/api/v1/me/sessions/revoke"],
      ["DELETE", "/api/v1/me"],
    ]) {
      const [gone, stays] = [await api().anonymous(), await api().anonymous()];
      const [ended, open] = [await listen(gone.token), await listen(stays.token)];
      assert.equal((await api().ask(method, path, { token: gone.token })).status, 204);
      await read(ended);
      assert.equal((await listen(gone.token)).status, 401);
      await invite(stays.id, "friend");
      await read(open, (text) => text.includes("friend"));
    }
  });

  it("allows five connections per player", async () => {
    const { token } = await api().anonymous();
    const open = await Promise.all([1, 2, 3, 4, 5].map(() => listen(token)));
    assert.ok(open.every(({ status }) => status === 200));
    assert.equal((await listen(token)).status, 429);
    for (const { body } of open) await body!.cancel();
  });
});
