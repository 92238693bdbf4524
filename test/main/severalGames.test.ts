/** Two games with a mode of the same name: each has a queue, matches, ratings, a ranking and match histories of its own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SeatReservation } from "@colyseus/sdk";
import { Program } from "../chaos/Program.ts";
import { until } from "../matchmaking/Fleet.ts";
import { useServices } from "../tools/services/useServices.ts";
import { type JoinedRoom, QueueGuest } from "./QueueGuest.ts";

const GAMES = path.join(import.meta.dirname, "../tag/twoGames.ts");
const WITHIN_MS = 60_000;
const DUEL = { mode: "duel", strategy: "random" };

describe("two games with a mode of the same name", function () {
  this.timeout(300_000);
  const services = useServices("redis", "postgres");
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-games-"));
  let program: Program;
  let database: string;
  let ada: QueueGuest;
  let bob: QueueGuest;

  before(async () => {
    database = await services().createDatabase();
    const env = {
      ...{ GAMES, LOG_LEVEL: "warn", TRUSTED_PROXIES: "loopback", DATABASE_URL: database },
      ...{ REDIS_URL: services().env.REDIS_URL, NAMESPACE: services().namespace(), RANK_ANONYMOUS: "1" },
    };
    program = await Program.start({ dataDir: folder, env });
    await program.untilHealthy();
    [ada, bob] = [await QueueGuest.signIn(program.url), await QueueGuest.signIn(program.url)];
  });
  afterEach(() => Promise.all([ada, bob].map((guest) => guest.leave())));
  after(async () => {
    await program?.stop();
    await services().dropDatabase(database);
    rmSync(folder, { recursive: true, force: true });
    assert.doesNotMatch(program?.output ?? "", /"level":[56]0/, "no error was logged");
  });

  const get = async (route: string): Promise<any> => (await fetch(`${program.url}/api/v1${route}`)).json();

  /** Resolves to the seat that the queue has found. */
  async function seatOf({ room, seats }: JoinedRoom): Promise<SeatReservation> {
    await until(() => seats.length > 0, "a match is found", WITHIN_MS);
    room.send("confirm");
    return seats[0];
  }

  /** Both take their seats and stay until the match has ended. Resolves to its id. */
  async function play(seats: readonly SeatReservation[]): Promise<string> {
    const rooms = await Promise.all([ada, bob].map((guest, at) => guest.takeSeat(seats[at])));
    await until(() => rooms.every(({ state }) => state.phase === "ended"), "the match has ended", WITHIN_MS);
    const ids = new Set(rooms.map(({ state }) => state.matchId));
    assert.equal(ids.size, 1);
    await Promise.all([ada, bob].map((guest) => guest.leave()));
    return [...ids][0];
  }

  /** The rows of a ladder's ranking once it has `count` rows. */
  async function ranking(query: string, count: number): Promise<[string, number][]> {
    let found: any;
    await until(
      async () => {
        found = await get(`/rankings?mode=duel${query}`);
        return found.entries?.length === count && found.entries.every(({ games }: any) => games === 1);
      },
      `the ranking ${query} has ${count} rows`,
      WITHIN_MS,
    );
    return found.entries.map(({ playerId, rating }: any) => [playerId, rating]);
  }

  async function waiting(game: string): Promise<number> {
    const text = await (await fetch(`${program.url}/metrics`)).text();
    return Number(new RegExp(`^hypogeum_queue_waiting\\{game="${game}",mode="duel"\\} (\\d+)$`, "m").exec(text)![1]);
  }

  it("pairs those who wait for the same game, by socket and by ticket, and rates each match in its own ladder", async () => {
    const joined = [await ada.queue(DUEL), await bob.queue({ ...DUEL, game: "tag" })];
    assert.deepEqual(
      joined.map(({ room }) => room.name),
      ["queue", "queue"],
    );
    await until(async () => (await waiting("arena")) === 1 && (await waiting("tag")) === 1, "both wait", WITHIN_MS);

    const ofBob = await bob.queue(DUEL);
    const ofArena = await Promise.all([joined[0], ofBob].map(seatOf));
    assert.deepEqual(
      ofArena.map(({ name }) => name),
      ["arena", "arena"],
    );
    const arenaMatch = await play(ofArena);
    const arenaRanking = await ranking("", 2);
    assert.equal((await get("/rankings?mode=duel&game=tag")).total, 0);

    const { body: ticket, status } = await ada.ask("POST", "", { ...DUEL, game: "tag" });
    assert.equal(status, 201, JSON.stringify(ticket));
    const again = await bob.queue({ ...DUEL, game: "tag" });
    const seatOfBob = await seatOf(again);
    const { body: found } = await ada.ask("GET", `/${ticket.ticketId}?wait=10`);
    assert.deepEqual([found.status, found.seat.name, seatOfBob.name], ["matched", "tag", "tag"]);
    const tagMatch = await play([found.seat, seatOfBob]);
    await ranking("&game=tag", 2);
    assert.deepEqual(await ranking("", 2), arenaRanking, "the ladder of the arena has not changed");

    for (const [game, match] of [
      ["arena", arenaMatch],
      ["tag", tagMatch],
    ]) {
      const { matches } = await get(`/players/${ada.playerId}/matches?game=${game}`);
      assert.deepEqual(
        matches.map((one: any) => one.match.id),
        [match],
      );
      assert.deepEqual(
        (await get(`/players/${ada.playerId}?game=${game}`)).ratings.map((one: any) => [one.game, one.mode, one.games]),
        [[game, "duel", 1]],
      );
    }
  });

  it("lets a party play the game for which it was created", async () => {
    const party = await ada.party(undefined, { game: "tag" });
    await until(() => party.room.state?.game === "tag", "the party shows its game", WITHIN_MS);
    await assert.rejects(bob.client.joinById(party.room.roomId, {}), /this party plays tag/);
    const ofBob = await bob.party(party.room.roomId, { game: "tag" });
    await until(() => ofBob.room.state?.game === "tag", "the second member sees the party", WITHIN_MS);
    await bob.leave();
    party.room.send("ready", true);
    party.room.send("queue", DUEL);
    await until(async () => (await waiting("tag")) === 1, "the party waits", WITHIN_MS);
    assert.equal(await waiting("arena"), 0);
  });

  it("refuses an unknown game, and a mode of another game", async () => {
    await assert.rejects(ada.client.joinOrCreate("queue", { ...DUEL, game: "chess" }), /unknown game "chess"/);
    await assert.rejects(ada.client.joinOrCreate("queue", { ...DUEL, mode: "crowd" }), /unknown mode "crowd"/);
    for (const [options, detail] of [
      [{ game: "chess" }, /^body.game: /],
      [{ mode: "squad", game: "tag" }, /^body.mode: the game tag has no mode squad/],
    ] as const) {
      const { status, body } = await ada.ask("POST", "", { ...DUEL, ...options });
      assert.equal(status, 400);
      assert.match(body.detail, detail);
    }
  });
});
