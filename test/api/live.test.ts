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

  /** Opens `count` streams. Returns those that were accepted and those that were refused. */
  async function open(count: number, token: string | null, query = ""): Promise<[Response[], Response[]]> {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const answers = await Promise.all(Array.from({ length: count }, () => fetch(url + query, { headers })));
    return [answers.filter(({ status }) => status === 200), answers.filter(({ status }) => status !== 200)];
  }
  const closeAll = (streams: Response[]) => Promise.all(streams.map(({ body }) => body!.cancel()));

  it("gives a player three streams of both kinds together, and others theirs meanwhile", async () => {
    const [abuser, other] = [await api().anonymous(), await api().anonymous()];
    const [own] = await open(1, abuser.token, "?scope=me");
    const [streams, refused] = await open(20, abuser.token);
    assert.deepEqual([streams.length, refused.length], [2, 18]);
    const { headers } = refused[0];
    const names = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"];
    assert.deepEqual([refused[0].status, ...names.map((name) => headers.get(name))], [429, "3", "0", "20", "20"]);
    const { code, detail } = (await refused[0].json()) as any;
    assert.equal(code, "TOO_MANY_STREAMS");
    assert.match(detail, /has 3 open event streams, expected at most 3: close one of them/);
    const [others] = await open(1, other.token, "?scope=me");
    assert.equal(others.length, 1);
    await closeAll([...own, ...streams, ...others]);
    while (live.connections > 0) await new Promise(setImmediate);
    const [again] = await open(1, abuser.token);
    assert.equal(again.length, 1);
    await closeAll(again);
  });

  it("gives the clients without a token at one address 150 streams, and those with one theirs meanwhile", async () => {
    while (live.connections > 0) await new Promise(setImmediate);
    const [streams, refused] = await open(600, null);
    assert.deepEqual([streams.length, refused.length], [150, 450]);
    const [others] = await open(1, (await api().anonymous()).token);
    assert.equal(others.length, 1);
    await closeAll([...streams, ...others]);
    while (live.connections > 0) await new Promise(setImmediate);
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
});
