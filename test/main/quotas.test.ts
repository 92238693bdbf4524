/** Limits on what one player and the clients at one address may have, against clients that flood the server. */
import assert from "node:assert/strict";
import { matchMaker } from "@colyseus/core";
import type { Client } from "@colyseus/sdk";
import { refusals } from "../../schema/codes.ts";
import type { AdmittedOptions } from "../../schema/joinOptions.ts";
import { queueRefusals } from "../../schema/queueCodes.ts";
import { arena } from "../../src/arena/game.ts";
import { Host } from "../rooms/Host.ts";
import { tag } from "../tag/tag.ts";
import { type RawAnswer, sendRequest } from "./sendRequest.ts";

const codes = { ...refusals, ...queueRefusals };
const PAIR = { mode: "pair" };

describe("limits on what players have", () => {
  let host: Host;
  const start = async (...args: string[]) => {
    host = await new Host().start({ games: [tag] }, ["--player-joins-per-minute", "1000", ...args]);
  };
  afterEach(() => host.stop());

  /** Sends a request as the client, without opening the connection to the room. */
  const request = async (client: Client, path: string, options: object = {}): Promise<RawAnswer> =>
    sendRequest(`${host.url}/matchmake/${path}`, {
      headers: { authorization: `Bearer ${client.auth.token}` },
      chunks: [JSON.stringify(options)],
    });
  const flood = (client: Client, times: number, path: string, options: object = {}) =>
    Promise.all(Array.from({ length: times }, () => request(client, path, options)));
  const accepted = (answers: readonly RawAnswer[]) => answers.filter(({ status }) => status === 200);

  function assertLimited(answer: RawAnswer, name: keyof typeof codes, max: number): void {
    const { status, headers, body } = answer;
    const { code, meaning } = codes[name];
    assert.deepEqual([status, body.code, body.title], [code, code, meaning]);
    assert.equal(headers["content-type"], "application/problem+json");
    assert.equal(body.type, `urn:hypogeum:problem:${name.toLowerCase().replaceAll("_", "-")}`);
    assert.match(body.error, new RegExp(`^${name}: .*, expected at most ${max}: .*try again in \\d+ s$`));
    assert.deepEqual([headers["ratelimit-limit"], headers["ratelimit-remaining"]], [String(max), "0"]);
    assert.ok(Number(headers["retry-after"]) > 0);
    assert.equal(headers["ratelimit-reset"], headers["retry-after"]);
  }

  it("give one player at most 5 open rooms, however many it requests at once", async () => {
    await start();
    const client = await host.signedInClient();
    const answers = await flood(client, 100, "create/tag", PAIR);
    assert.equal(accepted(answers).length, 5);
    assertLimited(answers.find(({ status }) => status !== 200)!, "TOO_MANY_ROOMS", 5);
    assert.equal(matchMaker.stats.local.roomCount, 5);
  });

  it("do not affect others: 20 players join normally while one floods the server", async () => {
    await start();
    const abuser = await host.signedInClient();
    let flooding = true;
    const floods = Promise.all(
      ["create/tag", "joinOrCreate/tag", "create/party", "joinOrCreate/queue"].map(async (path) => {
        const options = { "create/party": {}, "joinOrCreate/queue": { ...PAIR, strategy: "elo" } }[path] ?? PAIR;
        while (flooding) await flood(abuser, 5, path, options);
      }),
    );
    const rooms = [];
    for (let i = 0; i < 20; i++) rooms.push(await host.join("tag", PAIR));
    flooding = false;
    await floods;
    assert.ok(rooms.every(({ connection }) => connection.isOpen));
    // The abuser's own two seats may be among those of the 20.
    assert.ok(new Set(rooms.map(({ roomId }) => roomId)).size <= 12);
  });

  it("give one player at most 2 seats, reserved ones included", async () => {
    await start();
    const client = await host.signedInClient();
    const answers = await flood(client, 50, "joinOrCreate/tag", PAIR);
    assert.equal(accepted(answers).length, 2);
    assertLimited(answers.find(({ status }) => status !== 200)!, "TOO_MANY_SEATS", 2);
  });

  it("tell the SDK what was expected, and what to do", async () => {
    await start();
    const client = await host.signedInClient();
    const rooms = [host.keep(await client.create("tag", PAIR)), host.keep(await client.create("tag", PAIR))];
    const refused = { code: refusals.TOO_MANY_SEATS.code, message: /^TOO_MANY_SEATS: .*2 seats.*leave one/ };
    await assert.rejects(client.create("tag", PAIR), refused);
    await rooms[0].leave();
    host.keep(await client.create("tag", PAIR));
  });

  it("refuse a player who takes more seats than allowed in rooms that it created", async () => {
    await start();
    const client = await host.signedInClient();
    const created = accepted(await flood(client, 5, "create/tag", PAIR)).map(({ body }) => body);
    for (const seat of created.slice(0, 2)) host.keep(await client.consumeSeatReservation(seat));
    const third = client.consumeSeatReservation(created[2]);
    await assert.rejects(third, { code: refusals.TOO_MANY_SEATS.code });
  });

  it("count neither a seat that was left nor a room whose owner has left", async () => {
    await start();
    const [owner, guest] = [await host.signedInClient(), await host.signedInClient()];
    for (let i = 0; i < 7; i++) {
      const room = host.keep(await owner.create("tag", PAIR));
      const other = host.keep(await guest.joinById(room.roomId, PAIR));
      await room.leave();
      if (i > 0) await other.leave();
    }
  });

  it("give one player at most one party, however many it requests at once", async () => {
    await start();
    const client = await host.signedInClient();
    const answers = await flood(client, 100, "create/party");
    assert.equal(accepted(answers).length, 1);
    assertLimited(answers.find(({ status }) => status !== 200)!, "TOO_MANY_PARTIES", 1);
    assert.equal(matchMaker.stats.local.roomCount, 1);
  });

  it("let a player leave one party for another, and join its own again", async () => {
    host = await new Host().start({ games: [arena] });
    const [client, friend] = [await host.signedInClient(), await host.signedInClient()];
    const [first, second] = [host.keep(await client.create("party", {})), host.keep(await friend.create("party", {}))];
    await assert.rejects(client.joinById(second.roomId, {}), { code: queueRefusals.TOO_MANY_PARTIES.code });
    const again = host.keep(await client.joinById(first.roomId, {}));
    await again.leave();
    host.keep(await client.joinById(second.roomId, {}));
  });

  it("give the clients at one address a multiple, of which one player cannot use up the rest", async () => {
    await start("--address-limit-factor", "2");
    const [abuser, second, third] = await Promise.all([1, 2, 3].map(() => host.signedInClient()));
    await flood(abuser, 50, "create/tag", PAIR);
    assert.equal(accepted(await flood(second, 5, "create/tag", PAIR)).length, 5);
    const refused = await request(third, "create/tag", PAIR);
    assertLimited(refused, "TOO_MANY_ROOMS", 10);
    assert.match(refused.body.error, /clients at this address/);
    assert.ok(host.logged.some((line) => line.includes("TRUSTED_PROXIES") && line.includes("ADDRESS_LIMIT_FACTOR")));
  });

  it("refuse rooms beyond the limit of the process with SERVER_BUSY", async () => {
    await start("--process-rooms-max", "3");
    const clients = await Promise.all([1, 2].map(() => host.signedInClient()));
    const answers = (await Promise.all(clients.map((client) => flood(client, 5, "create/tag", PAIR)))).flat();
    assert.equal(accepted(answers).length, 3);
    const { status, headers } = answers.find((answer) => answer.status !== 200)!;
    assert.equal(status, refusals.SERVER_BUSY.code);
    assert.ok(Number(headers["retry-after"]) > 0);
  });

  it("limit the requests per minute, with the headers of the REST API", async () => {
    await start("--player-joins-per-minute", "10");
    const [client, other] = [await host.signedInClient(), await host.signedInClient()];
    const first = await request(client, "create/tag", PAIR);
    assert.deepEqual([first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]], ["10", "9"]);
    assert.match(String(first.headers["access-control-expose-headers"]), /RateLimit-Limit.*Retry-After/);
    await flood(client, 20, "create/tag", PAIR);
    assertLimited(await request(client, "create/tag", PAIR), "TOO_MANY_REQUESTS", 10);
    await assert.rejects(client.create("tag", PAIR), { code: 429, message: /^TOO_MANY_REQUESTS: / });
    host.keep(await other.create("tag", PAIR));
    const reconnect = await sendRequest(`${host.url}/matchmake/reconnect/${"x".repeat(9)}`, {
      headers: { authorization: `Bearer ${client.auth.token}` },
    });
    assert.equal(reconnect.status, 429);
  });

  it("count no request that was refused", async () => {
    await start();
    const client = await host.signedInClient();
    for (let i = 0; i < 10; i++) assert.equal((await request(client, "join/tag", PAIR)).status, 521);
    host.keep(await client.create("tag", PAIR));
  });
});

describe("a room in which no player has taken a seat", () => {
  const host = new Host();
  before(() => host.start({ games: [tag] }));
  after(() => host.stop());

  const waiting = { role: null, name: null, band: null, region: "local", rulesVersion: tag.rules.version } as const;

  for (const source of ["private", "arena", "queue"] as const) {
    it(`of source ${source} records nothing, is not stepped, and closes with its last reservation`, async () => {
      const options: AdmittedOptions = { ...waiting, mode: "pair", source };
      const listing = await matchMaker.createRoom("tag", options);
      const room: any = matchMaker.getLocalRoomById(listing.roomId);
      const closed = new Promise((resolve) => room._events.once("disconnect", resolve));
      room.seatReservationTimeout = 0.01;
      await matchMaker.reserveSeatFor(listing, options, { playerId: "nobody" });
      assert.deepEqual([host.running.scheduler.rooms, room.state], [0, undefined]);
      await closed;
      assert.deepEqual(host.tickEvents.matches, []);
      assert.equal(matchMaker.stats.local.roomCount, 0);
    });
  }

  it("begins its match when the first player takes a seat", async () => {
    const room = await host.join("tag", PAIR);
    assert.equal(host.running.scheduler.rooms, 1);
    const [created] = host.match(room).records;
    assert.deepEqual([created.tick, created.matchEvents[0].kind], [0, "created"]);
  });
});

describe("a process at capacity", () => {
  const host = new Host();
  let isBusy = false;
  const overload = { addStep() {}, addAdmission() {}, addDeparture() {}, isOverloaded: () => isBusy };
  before(() => host.start({ games: [tag], overload }));
  after(() => host.stop());

  it("lets a player back who has a seat, and refuses all others", async () => {
    const [seated, other] = [await host.signedInClient(), await host.signedInClient()];
    const before = await host.join("tag", PAIR, seated);
    isBusy = true;
    await assert.rejects(other.joinOrCreate("tag", PAIR), { code: refusals.SERVER_BUSY.code });
    const again = await host.join("tag", PAIR, seated);
    assert.equal(again.roomId, before.roomId);
    // A seat in one match opens no other.
    await assert.rejects(seated.create("tag", PAIR), { code: refusals.SERVER_BUSY.code });
    isBusy = false;
  });
});
