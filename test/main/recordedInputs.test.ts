/**
 * Commands and join options through the whole program: by `joinOrCreate`, the queue, a party and a ticket, into the lake. From there the
 * matches are played again, bit for bit.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Room, SeatReservation } from "@colyseus/sdk";
import { EventCatalogue } from "../../src/pipeline/sinks/eventCatalogue.ts";
import { DirectoryStore } from "../../src/platform/objectStore/DirectoryStore.ts";
import { Program } from "../chaos/Program.ts";
import { until } from "../matchmaking/Fleet.ts";
import { filesIn } from "../pipeline/sinks/lakeUnderTest.ts";
import { game } from "./buildersGame.ts";
import { type JoinedRoom, QueueGuest } from "./QueueGuest.ts";
import { replayEvents } from "./replayEvents.ts";

const GAMES = path.join(import.meta.dirname, "buildersGame.ts");
const ROOT = path.resolve(import.meta.dirname, "../..");
const FLUSH = { LAKE_FLUSH_SECONDS: "1" };
const WITHIN_MS = 60_000;
const PAIR = { mode: "pair", strategy: "random" };
const catalogue = new EventCatalogue([game]);

describe("commands and join options in the whole program", function () {
  this.timeout(300_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-inputs-"));
  let program: Program;
  let ada: QueueGuest;
  let bob: QueueGuest;

  before(async () => {
    program = await Program.start({ dataDir, env: { ...FLUSH, GAMES, LOG_LEVEL: "warn" } });
    await program.untilHealthy();
    [ada, bob] = [await QueueGuest.signIn(program.url), await QueueGuest.signIn(program.url)];
  });
  afterEach(() => Promise.all([ada, bob].map((guest) => guest.leave())));
  after(async () => {
    await program?.stop();
    rmSync(dataDir, { recursive: true, force: true });
    assert.doesNotMatch(program?.output ?? "", /"level":[56]0/, "no error was logged");
  });

  function audit(matchId: string): Promise<{ code: number; text: string }> {
    const env = { ...process.env, ...FLUSH, GAMES, DATA_DIR: dataDir };
    const child = spawn(process.execPath, ["src/main/commands/command.ts", "audit", matchId], { cwd: ROOT, env });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, text })));
  }

  /** The match's messages of `logs_input` in the lake. */
  async function inputsOf(matchId: string): Promise<any[]> {
    const objects = new DirectoryStore({ directory: path.join(dataDir, "lake"), variable: "DATA_DIR" });
    const files = await filesIn(objects, "logs_input", catalogue);
    await objects.close();
    const messages = files.flatMap(({ messages }) => messages.map(({ value }) => JSON.parse(String(value))));
    return messages.filter((message) => message.matchId === matchId).sort((a, b) => a.tick - b.tick);
  }

  async function seatOf({ room, seats }: JoinedRoom): Promise<SeatReservation> {
    await until(() => seats.length > 0, "a match is found", WITHIN_MS);
    room.send("confirm");
    return seats[0];
  }

  /** Sends commands until the match has ended. Then it must be in the lake, whole, and lead to its hashes again. */
  async function playAndCheck(rooms: readonly Room<any, any>[], loadouts: readonly number[]): Promise<void> {
    for (const room of rooms) {
      room.onMessage("commandIgnored", () => {});
      room.onStateChange(({ tick, players }) => {
        if (tick % 9 === 0) room.send("build", { x: tick % 100, what: "wall" });
        const [other] = [...players.values()].map((player: any) => player.playerId);
        if (tick % 13 === 0) room.send("gift", { to: other, thanks: null });
      });
    }
    await until(() => rooms.every(({ state }) => state.phase === "ended"), "the match has ended", WITHIN_MS);
    const { matchId } = rooms[0].state;
    let audited = await audit(matchId);
    for (let tries = 0; audited.code !== 0 && tries < 30; tries++) audited = await audit(matchId);
    assert.match(audited.text, /differences: none/);
    assert.equal(audited.code, 0, audited.text);

    const ticks = await inputsOf(matchId);
    const events = ticks.flatMap((message) => message.events);
    const seats = events.filter(({ kind, bot }) => kind === "seat" && !bot);
    assert.deepEqual(seats.map(({ options }) => options.loadout).sort(), [...loadouts].sort());
    const names = new Set(events.filter(({ kind }) => kind === "command").map(({ name }) => name));
    assert.deepEqual([...names].sort(), ["build", "gift"]);
    const hashes = replayEvents(game, ticks);
    assert.ok(hashes.length > 2);
    for (const { recorded, reached } of hashes) assert.equal(reached, recorded);
  }

  it("from joinOrCreate, of a late player too", async () => {
    const room = await ada.client.joinOrCreate<any>("builders", { mode: "pair", options: { loadout: 4 } });
    room.onMessage("facts", () => {});
    await until(() => room.state?.phase === "playing", "a bot plays", WITHIN_MS);
    const late = await bob.client.joinOrCreate<any>("builders", {
      mode: "pair",
      options: { loadout: 2, skin: "blue" },
    });
    late.onMessage("facts", () => {});
    await until(() => late.state?.tick > 0, "the late player sees the match", WITHIN_MS);
    await playAndCheck([room, late], [4, 2]);
    for (const one of [room, late]) if (one.connection.isOpen) await one.leave();
  });

  it("from the queue and a party", async () => {
    const queued = await ada.queue({ ...PAIR, options: { loadout: 5 } });
    const party = await bob.party(undefined, { options: { loadout: 3, skin: "blue" } });
    await until(() => party.room.state?.code !== "", "the party has a code", WITHIN_MS);
    party.room.send("ready", true);
    party.room.send("queue", PAIR);
    const seats = await Promise.all([queued, party].map(seatOf));
    const rooms = await Promise.all([ada.takeSeat(seats[0]), bob.takeSeat(seats[1])]);
    await until(() => rooms.every(({ state }) => state?.tick > 0), "both see the match", WITHIN_MS);
    await playAndCheck(rooms, [5, 3]);
  });

  it("from a ticket, and of a player who chose nothing", async () => {
    const { body: ticket, status } = await ada.ask("POST", "", { ...PAIR, options: { loadout: 0 } });
    assert.equal(status, 201, JSON.stringify(ticket));
    const queued = await bob.queue(PAIR);
    const seat = await seatOf(queued);
    const { body: found } = await ada.ask("GET", `/${ticket.ticketId}?wait=10`);
    assert.equal(found.status, "matched");
    const rooms = await Promise.all([ada.takeSeat(found.seat), bob.takeSeat(seat)]);
    await until(() => rooms.every(({ state }) => state?.tick > 0), "both see the match", WITHIN_MS);
    await playAndCheck(rooms, [0, 1]);
  });

  it("are refused with the name of the option", async () => {
    const wrong = { ...PAIR, options: { loadout: 6 } };
    const line = /options\.loadout: got 6, expected a whole number from 0 to 5/;
    await assert.rejects(ada.client.joinOrCreate("queue", wrong), line);
    await assert.rejects(ada.client.create("party", { options: wrong.options }), line);
    const { status, body } = await ada.ask("POST", "", wrong);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.detail, line);
  });
});
