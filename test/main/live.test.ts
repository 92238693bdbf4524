/** The whole program sends what happens to a player on that player's own live feed, with and without Redis. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "@colyseus/sdk";
import pino from "pino";
import { operatorText } from "../../schema/operatorMessages.ts";
import { ownEvents } from "../../schema/ownEvents.ts";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { OPERATOR } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { useServices } from "../tools/services/useServices.ts";
import { untilHealthy } from "./untilHealthy.ts";

const events = { ...ownEvents, announce: operatorText };

interface LiveEvent {
  readonly event: keyof typeof events;
  readonly data: any;
}

/** A player who listens to their own live feed. */
class Listener {
  readonly client: Client;
  readonly id: string;
  readonly token: string;
  readonly received: LiveEvent[] = [];
  private readonly stopping = new AbortController();

  constructor(client: Client, id: string, token: string) {
    this.client = client;
    this.id = id;
    this.token = token;
  }

  async listen(base: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(`${base}/api/v1/live?scope=me`, { headers, signal: this.stopping.signal });
    assert.equal(answer.status, 200);
    void this.read(answer).catch(() => {});
  }

  stop(): void {
    this.stopping.abort();
  }

  async receive(event: LiveEvent["event"]): Promise<any> {
    for (const deadlineMs = Date.now() + 20_000; ; await pause(20)) {
      const found = this.received.find((one) => one.event === event);
      if (found !== undefined) return events[event].parse(found.data);
      assert.ok(Date.now() < deadlineMs, `no ${event} received, but ${JSON.stringify(this.received)}`);
    }
  }

  private async read({ body }: Response): Promise<void> {
    let text = "";
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, event, data] = /event: (.*)\ndata: (.*)/.exec(block) ?? [];
        if (event !== undefined) this.received.push({ event: event as LiveEvent["event"], data: JSON.parse(data) });
      }
    }
  }
}

describe("a player's live feed from the whole program", function () {
  this.timeout(240_000);
  const services = useServices("redis");

  for (const [name, more] of [
    ["embedded", () => []],
    ["with Redis", () => ["--redis-url", services().env.REDIS_URL, "--namespace", services().namespace()]],
  ] as [string, () => string[]][]) {
    describe(name, () => {
      const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
      let running: RunningServer;
      let base = "";
      const listeners: Listener[] = [];

      before(async () => {
        const games = path.join(import.meta.dirname, "../chaos/games.ts");
        const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", games, ...more()];
        running = await startServer(readConfig(args, { ...OPERATOR }), pino({ level: "silent" }));
        base = `http://127.0.0.1:${running.port}`;
        await untilHealthy(base);
        for (let n = 0; n < 3; n++) {
          const client = new Client(base);
          // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
          await new Promise(setImmediate);
          client.auth.token = undefined as never;
          const { user, token } = (await client.auth.signInAnonymously()) as any;
          listeners.push(new Listener(client, user.id, token));
        }
        await Promise.all(listeners.map((listener) => listener.listen(base)));
      });
      after(async () => {
        for (const listener of listeners) listener.stop();
        await running.stop();
        rmSync(dataDir, { recursive: true, force: true });
      });

      it("sends an invitation to a party to the invited player", async () => {
        const [a, b] = listeners;
        const party = await a.client.create<any>("party", {});
        party.send("invite", { playerId: b.id });
        const { partyId, from } = await b.receive("party_invitation");
        assert.deepEqual([partyId, from], [party.roomId, a.id]);
        const joined = await b.client.joinById<any>(partyId, {});
        await Promise.all([party.leave(), joined.leave()]);
      });

      it("sends what an operator writes to everyone's feed and sockets, or only to those of one player", async () => {
        const [a, b] = listeners;
        const texts: [string, string, any][] = [];
        const rooms = await Promise.all(
          [a, b].map(async ({ client, id }) => {
            const room = await client.create<any>("party", {});
            for (const kind of ["announce", "operator_message"])
              room.onMessage(kind, (message: any) => texts.push([id, kind, message.text]));
            return room;
          }),
        );
        const ask = async (route: string, body: object) => {
          const authorization = `Basic ${btoa(`${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`)}`;
          const headers = { authorization, "content-type": "application/json" };
          const answer = await fetch(`${base}/admin/${route}`, { method: "POST", headers, body: JSON.stringify(body) });
          return [answer.status, await answer.json()];
        };
        const warned = await ask(`players/${b.id}/message`, { text: "Be kind.", reason: "insults" });
        assert.deepEqual(warned, [200, { processes: 1, clients: 1 }]);
        assert.deepEqual(await ask("announce", { text: "Stops at noon." }), [200, { processes: 1, clients: 2 }]);
        for (const listener of listeners) assert.equal((await listener.receive("announce")).text, "Stops at noon.");
        assert.equal((await b.receive("operator_message")).text, "Be kind.");
        assert.ok(
          listeners.every(({ received, id }) => id === b.id || received.every(({ data }) => data.text !== "Be kind.")),
        );
        while (texts.length < 3) await pause(20);
        assert.deepEqual(
          texts.sort(),
          [
            [a.id, "announce", "Stops at noon."],
            [b.id, "announce", "Stops at noon."],
            [b.id, "operator_message", "Be kind."],
          ].sort(),
        );
        await Promise.all(rooms.map((room) => room.leave()));
        for (const { received } of listeners) received.length = 0;
      });

      it("sends both players the match found, and the changed rating once the match is stored", async () => {
        const [a, b, other] = listeners;
        const rooms = await Promise.all(
          [a, b].map(async ({ client }) => {
            const queue = await untilAccepted(() =>
              client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }),
            );
            const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
            const room = await client.consumeSeatReservation<any>(seat);
            room.onMessage("facts", () => {});
            queue.send("confirm");
            return room;
          }),
        );
        const found = await Promise.all([a, b].map((listener) => listener.receive("match_found")));
        const playing = (room: any) =>
          new Promise<void>((resolve) => room.onStateChange((state: any) => state.phase === "playing" && resolve()));
        await Promise.all(rooms.map(playing));
        assert.deepEqual(new Set(found.map(({ matchId }) => matchId)), new Set([rooms[0].state.matchId]));
        for (const room of rooms) {
          room.reconnection.enabled = false;
          await room.leave();
        }
        const rated = await Promise.all([a, b].map((listener) => listener.receive("rating_changed")));
        const match = (await (await fetch(`${base}/api/v1/matches/${rated[0].matchId}`)).json()) as any;
        for (const [at, { id }] of [a, b].entries()) {
          const { ratingBefore, ratingChange } = match.participants.find(({ playerId }: any) => playerId === id);
          assert.deepEqual([rated[at].rating, rated[at].change], [ratingBefore + ratingChange, ratingChange]);
        }
        assert.deepEqual(other.received, []);
      });
    });
  }
});
