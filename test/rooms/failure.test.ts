/** A mistake of a game, or of the platform, ends one match only. */
import assert from "node:assert/strict";
import { closeCodes } from "../../schema/codes.ts";
import type { Game } from "../../src/game/Game.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, until } from "./Host.ts";

/** The functions of tag that a case replaces, in the world of one match. */
type Broken = Partial<Pick<Game, "step" | "status" | "result" | "hash" | "project" | "think">>;

interface Case {
  readonly name: string;
  readonly broken: Broken;
  readonly place: RegExp;
  readonly message: RegExp;
}

const oops = (): never => {
  throw new Error("oops");
};
const fact = { tagger: 0, tagged: 1, x: 5, y: 5 };
const writing = (write: (emit: any) => void): Broken => ({
  step: (world, frames) => {
    write(world.emit);
    tag.step(world, frames);
  },
});
const inStatus = (change: (status: any) => object): Broken => ({
  status: (world) => change(tag.status(world)) as never,
});
const over = inStatus((status) => ({ ...status, phase: "ended", endReason: "time" }));
const withResult = (result: (world: any) => unknown): Broken => ({ ...over, result: result as never });

const cases: Case[] = [
  {
    name: "a step throws",
    broken: { step: oops },
    place: /^step at tick \d+$/,
    message: /threw Error: oops; the stack/,
  },
  {
    name: "a step returns a promise",
    broken: { step: (async () => {}) as never },
    place: /^step at tick \d+$/,
    message: /returned a promise, .*; remove async and await/,
  },
  {
    name: "a step returns a value",
    broken: { step: () => 5 as never },
    place: /^step at tick \d+$/,
    message: /returned 5, expected nothing; remove its return/,
  },
  {
    name: "a score is no whole number",
    broken: withResult((world) => {
      const { standings, teamScores } = tag.result(world);
      return { standings: standings.map((standing) => ({ ...standing, score: 0.5 })), teamScores };
    }),
    place: /^result at tick \d+$/,
    message: /standings\[0\]\.score is 0\.5, expected a whole number of at most 32 bits; round it/,
  },
  {
    name: "a result has the wrong shape",
    broken: withResult(() => [1, 2]),
    place: /^result at tick \d+$/,
    message: /standings is nothing, expected an array with one entry for each of the 2 seats; return one standing/,
  },
  {
    name: "a result throws",
    broken: withResult(oops),
    place: /^result at tick \d+$/,
    message: /threw Error: oops; the stack/,
  },
  {
    name: "a win reason is unknown",
    broken: inStatus((status) => ({ ...status, phase: "ended", endReason: "luck" })),
    place: /^status at tick \d+$/,
    message: /endReason is "luck", expected one of "score", .*; set it/,
  },
  {
    name: "a phase is unknown",
    broken: inStatus((status) => ({ ...status, phase: "warmup" })),
    place: /^status at tick \d+$/,
    message: /phase is "warmup", expected one of "waiting", .*; use/,
  },
  {
    name: "a status has the wrong tick",
    broken: inStatus((status) => ({ ...status, tick: status.tick - 1 })),
    place: /^status at tick \d+$/,
    message: /tick is \d+, expected \d+; begin at 0 and add 1 in every step/,
  },
  {
    name: "a hash is no hash",
    broken: { hash: () => "abc" },
    place: /^hash at tick \d+$/,
    message: /returned "abc", expected 16 hex digits in lower case; hash the whole world/,
  },
  {
    name: "a fact is out of range",
    broken: writing((emit) => emit.tag({ ...fact, x: 1001 })),
    place: /^emit\.tag, field x$/,
    message: /got 1001, expected a whole number from 0 to 1000; write such a value/,
  },
  {
    name: "a fact lacks a field",
    broken: writing((emit) => emit.tag({ tagger: 0, tagged: 1, x: 5 })),
    place: /^emit\.tag, field y$/,
    message: /the field is missing, expected a whole number from 0 to 1000; write such a value/,
  },
  {
    name: "a fact is of an unknown kind",
    broken: writing((emit) => emit.tga(fact)),
    place: /^emit\.tga$/,
    message: /there is no such event; declare it in events, or use one of tag/,
  },
  {
    name: "a bot throws",
    broken: { think: oops },
    place: /^think for seat 1 at tick \d+$/,
    message: /threw Error: oops; the stack/,
  },
  {
    name: "the projection throws",
    broken: { project: oops },
    place: /^project at tick \d+$/,
    message: /threw Error: oops; the stack/,
  },
];

describe("a room that fails", () => {
  let victim: unknown = null;
  let broken: Broken = {};
  let createWorld: typeof tag.createWorld | null = null;
  const of = (world: unknown): Game => (world === victim ? { ...(tag as Game), ...broken } : (tag as Game));
  const game: Game = {
    ...(tag as Game),
    rules: { ...tag.rules, playMs: 600_000 },
    createWorld: (rules, setup, emit) => (createWorld ?? tag.createWorld)(rules as never, setup, emit),
    step: (world, frames) => of(world).step(world, frames),
    status: (world) => of(world).status(world),
    result: (world) => of(world).result(world),
    hash: (world) => of(world).hash(world),
    project: (world, state, players) => of(world).project(world, state, players),
    think: (world, seat, frames) => of(world).think(world, seat, frames),
  };
  const host = new Host();
  before(() => host.start({ games: [game] }));
  afterEach(() => {
    victim = null;
    createWorld = null;
    return host.leaveAll();
  });
  after(() => host.stop());

  /** Returns the lines about errors since `from`. */
  const errorsSince = (from: number): any[] =>
    host.logged
      .slice(from)
      .map((line) => JSON.parse(line))
      .filter(({ level }) => level >= 50);

  for (const { name, broken: functions, place, message } of cases) {
    it(`ends that match only, with one line, if ${name}`, async () => {
      const from = host.logged.length;
      const room = await host.join("tag", { mode: "pair" });
      const other = await host.join("tag", { mode: "crowd" });
      await until(room, (state) => state.phase === "playing");
      const end = closed(room);
      const match = host.match(room);
      broken = functions;
      victim = host.local(room).match.world.world;
      assert.equal((await end).code, closeCodes.MATCH_ABORTED.code);

      const ended = match.records.at(-1)!.matchEvents;
      assert.deepEqual(
        ended.map((event) => event.kind === "ended" && event.reason),
        ["aborted"],
      );
      assert.ok(match.closed);
      const lines = errorsSince(from);
      assert.equal(lines.length, 1);
      const [{ msg, remedy, ...line }] = lines;
      assert.match(line.place, place);
      assert.match(msg, message);
      assert.equal(line.game, "tag");
      assert.equal(msg, `match aborted: tag, ${line.place}: ${msg.split(": ").slice(2).join(": ")}`);
      assert.ok(msg.endsWith(`; ${remedy}`) && !msg.includes("\n"));
      assert.equal(line.seed, match.records[0].setup!.seed);
      assert.equal(line.matchId, match.identity.matchId);
      assert.equal(typeof line.tick, "number");

      const { tick } = other.state;
      await until(other, (state) => state.tick > tick + 5);
      assert.ok(other.connection.isOpen);
    });
  }

  it("refuses its players with the code of an aborted match, records nothing and logs one line if createWorld throws", async () => {
    const other = await host.join("tag", { mode: "crowd" });
    const from = host.logged.length;
    const matches = host.tickEvents.matches.length;
    createWorld = oops;
    await assert.rejects(host.join("tag", { mode: "pair" }), { code: closeCodes.MATCH_ABORTED.code });
    createWorld = null;
    assert.equal(host.tickEvents.matches.length, matches);
    const lines = errorsSince(from);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0].msg,
      /^match aborted: tag, createWorld for mode pair and map yard: threw Error: oops; the stack/,
    );
    const room = await host.join("tag", { mode: "pair" });
    await until(room, (state) => state.phase === "playing");
    assert.ok(other.connection.isOpen);
  });

  it("ends the match if the projection throws while a player moves to another connection", async () => {
    const client = await host.signedInClient();
    const room = await host.join("tag", { mode: "pair" }, client);
    await until(room, (state) => state.phase === "playing");
    const local = host.local(room);
    const from = host.logged.length;
    local.stopTicking();
    broken = { project: oops };
    victim = local.match.world.world;
    const end = closed(room);
    await assert.rejects(host.join("tag", { mode: "pair" }, client), { code: closeCodes.MATCH_ABORTED.code });
    assert.equal((await end).code, closeCodes.MATCH_ABORTED.code);
    assert.deepEqual(
      errorsSince(from).map(({ place }) => place.replace(/\d+/, "n")),
      ["project at tick n"],
    );
  });

  it("ends every match as aborted when its records cannot be stored", async () => {
    const rooms = [await host.join("tag", { mode: "pair" }), await host.join("tag", { mode: "crowd" })];
    for (const room of rooms) await until(room, (state) => state.phase === "playing");
    const matches = rooms.map((room) => host.match(room));
    const ends = Promise.all(rooms.map(closed));
    for (const listener of [...host.tickEvents.abortListeners]) listener();
    for (const { code } of await ends) assert.equal(code, closeCodes.MATCH_ABORTED.code);
    for (const { records, closed } of matches) {
      assert.ok(closed);
      assert.equal((records.at(-1)!.matchEvents[0] as { reason?: string }).reason, "aborted");
    }
    assert.equal(host.tickEvents.abortListeners.size, 0);
  });
});
