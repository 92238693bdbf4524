/**
 * The complete path of a result: players sign in and play with the SDK, and the ranking, match histories and rating changes that
 * REST returns equal those that are computed here from the standings alone.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import pino from "pino";
import { type RunningServer, startServer } from "../../src/main/game/startServer.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { untilHealthy } from "./untilHealthy.ts";

interface TestPlayer {
  readonly client: Client;
  readonly id: string;
}

const INITIAL = 1500;
const K_NEW = 40;
/** Of the first match of players who are new to the mode. */
const WEIGHT_NEW = 0.25;

/** Textbook Elo of two sides of equal size: every member gets K × weight × (score − expected), from the mean ratings of the sides. */
function changeOf(own: number, other: number, score: number): number {
  return K_NEW * WEIGHT_NEW * (score - 1 / (1 + 10 ** ((other - own) / 400)));
}

describe("results over REST", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const games = path.join(import.meta.dirname, "../chaos/games.ts");
  let running: RunningServer;
  let base = "";

  before(async () => {
    const args = ["--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir, "--games", games];
    running = await startServer(readConfig(args, {}), pino({ level: "silent" }));
    base = `http://127.0.0.1:${running.port}`;
    await untilHealthy(base);
  });

  after(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function waitFor(what: string, done: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    for (const deadlineMs = Date.now() + withinMs; !(await done()); await pause(50))
      assert.ok(Date.now() < deadlineMs, `${what} not within ${withinMs} ms`);
  }

  async function get(route: string): Promise<any> {
    const answer = await fetch(`${base}/api/v1${route}`);
    return answer.ok ? answer.json() : null;
  }

  async function signInPlayers(count: number): Promise<TestPlayer[]> {
    const signedIn: TestPlayer[] = [];
    for (let i = 0; i < count; i++) {
      const client = new Client(base);
      // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
      await new Promise(setImmediate);
      client.auth.token = undefined as never;
      const { user } = (await client.auth.signInAnonymously()) as any;
      signedIn.push({ client, id: user.id });
    }
    return signedIn;
  }

  /** All players join the same match and fight. Resolves with its id once it has ended for all of them. */
  async function play(mode: string, players: readonly TestPlayer[]): Promise<string> {
    const rooms: Room<any, any>[] = [];
    for (const { client } of players) {
      const room = await untilAccepted(() => client.joinOrCreate<any>("arena", { mode }));
      room.onMessage("facts", () => {});
      rooms.push(room);
    }
    const matchIds = new Set<string>();
    await Promise.all(
      rooms.map(async (room) => {
        const input: any = room.input();
        const ended = new Promise<void>((resolve) => {
          room.onStateChange((state: any) => {
            matchIds.add(state.matchId);
            const me = state.players.get(room.sessionId);
            if (state.phase === "ended" || me === undefined) return resolve();
            const [moveX, aim] = me.team === 0 ? [127, 0] : [-127, 32_768];
            Object.assign(input.data, { moveX, moveY: 0, aim, buttons: 1 });
            input.send();
          });
        });
        await ended;
        room.reconnection.enabled = false;
        await room.leave();
      }),
    );
    assert.equal(matchIds.size, 1, "all players were in the same match");
    return [...matchIds][0];
  }

  async function check(mode: string, count: number): Promise<void> {
    const players = await signInPlayers(count);
    const matchId = await play(mode, players);
    await waitFor("the match", async () => (await get(`/matches/${matchId}`)) !== null, 60_000);
    const match = await get(`/matches/${matchId}`);
    await waitFor("the ranking", async () => (await get(`/rankings?mode=${mode}`)).total === count, 60_000);

    assert.ok(Math.abs(match.weight - WEIGHT_NEW) < 1e-9, `weight ${match.weight}`);
    const best = (team: number): number =>
      Math.min(...match.participants.filter((p: any) => p.team === team).map((p: any) => p.place));
    const score = (team: number): number => (best(0) === best(1) ? 0.5 : best(team) === 1 ? 1 : 0);
    for (const participant of match.participants) {
      const wanted = changeOf(INITIAL, INITIAL, score(participant.team));
      assert.equal(participant.ratingBefore, INITIAL);
      assert.equal(participant.ratingChange, Math.round(wanted));
    }
    const changes = new Map<string, number>(match.participants.map((p: any) => [p.playerId, p.ratingChange]));
    assert.deepEqual([...changes.keys()].sort(), players.map(({ id }) => id).sort());

    const { entries } = await get(`/rankings?mode=${mode}&limit=100`);
    const wanted = players
      .map(({ id }) => ({ id, rating: INITIAL + changes.get(id)! }))
      .sort((a, b) => b.rating - a.rating || (a.id < b.id ? 1 : -1));
    assert.ok(entries.every(({ provisional }: any) => provisional));
    assert.deepEqual(
      entries.map(({ rank, playerId, rating }: any) => ({ rank, id: playerId, rating })),
      wanted.map((entry, index) => ({ rank: index + 1, ...entry })),
    );
    for (const { id } of players) {
      const record = await get(`/players/${id}/matches?mode=${mode}`);
      assert.equal(record.matches.length, 1);
      assert.equal(record.matches[0].ratingChange, changes.get(id));
    }
  }

  it("show a duel in ranking, match history and match, with textbook Elo", () => check("duel", 2));

  it("show a squad match of eight in the same way", () => check("squad", 8));

  it("show a duel from the queue as rated, played by the two players in the reserved seats", async () => {
    const players = await signInPlayers(2);
    const rooms = await Promise.all(
      players.map(async ({ client }) => {
        const queue = await untilAccepted(() => client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }));
        const closedWith = new Promise<number>((resolve) => queue.onLeave(resolve));
        const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
        const room = await client.consumeSeatReservation<any>(seat);
        room.onMessage("facts", () => {});
        queue.send("confirm");
        assert.equal(await closedWith, 1000);
        return room;
      }),
    );
    await Promise.all(
      rooms.map(
        (room) =>
          new Promise<void>((resolve) =>
            room.onStateChange((state: any) => {
              if (state.phase === "playing") resolve();
            }),
          ),
      ),
    );
    const seated = [...rooms[0].state.players.values()].map(({ playerId }: any) => playerId).sort();
    assert.deepEqual(seated, players.map(({ id }) => id).sort());
    const { matchId } = rooms[0].state;
    for (const room of rooms) {
      room.reconnection.enabled = false;
      await room.leave();
    }
    await waitFor("the match", async () => (await get(`/matches/${matchId}`)) !== null, 60_000);
    assert.equal((await get(`/matches/${matchId}`)).rated, true);
  });

  it("include both matches on /live for a client that requests missed events", async () => {
    const controller = new AbortController();
    const answer = await fetch(`${base}/api/v1/live`, {
      headers: { "Last-Event-ID": "0-0" },
      signal: controller.signal,
    });
    let text = "";
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk).toString();
      if ((text.match(/^event: ended$/gm)?.length ?? 0) >= 2) break;
    }
    controller.abort();
    assert.match(text, /^event: started$/m);
  });
});
