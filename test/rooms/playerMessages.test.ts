/** Messages between players, over real sockets: checked, limited, moderated, sent, and neither stepped nor recorded. */
import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { defineBackend } from "../../src/game/Backend.ts";
import { defineGame } from "../../src/game/defineGame.ts";
import { int } from "../../src/game/events.ts";
import { type Moderate, type ModerateTools, type PlayerMessage, text, type Verdict } from "../../src/game/messages.ts";
import { tag } from "../tag/tag.ts";
import { closed, Host, until } from "./Host.ts";

const chatty = {
  ...tag,
  rules: { ...tag.rules, playMs: 600_000 },
  modes: { ...tag.modes, crowd: { ...tag.modes.crowd, teams: [0, 0, 1, 1] } },
  messages: {
    chat: { fields: { text: text(20) }, to: "all" },
    plan: { fields: { text: text(20) }, to: "team", perSecond: 20, burst: 50 },
    emote: { fields: { id: int(0, 31) }, to: "all", perSecond: 20, burst: 50 },
  },
} as const;
const free = defineGame({ ...chatty, name: "free" });
const moderated = defineGame({ ...chatty, name: "moderated" });

/** Questions to the hook that are not answered yet, in their order. */
const asked: { message: PlayerMessage; tools: ModerateTools; answer: (verdict: Verdict | Promise<never>) => void }[] =
  [];
const moderate: Moderate = (message, tools) =>
  new Promise((answer) => {
    asked.push({ message, tools, answer });
  });

const host = new Host();

interface Player {
  readonly room: Room<any, any>;
  readonly seat: number;
  readonly id: string;
  /** Messages of players and refusals, in the order of their arrival. */
  readonly heard: any[];
}

async function enter(game: string, mode: string, client?: any): Promise<Player> {
  const room = await host.join(game, { mode }, client);
  const heard: any[] = [];
  for (const name of [...Object.keys(chatty.messages), "messageRefused"])
    room.onMessage(name, (message: object) => heard.push({ is: name, ...message }));
  await until(room, ({ players }) => players.has(room.sessionId));
  const { playerId } = room.state.players.get(room.sessionId);
  const seat = host.local(room).match.seats.seatOf(room.sessionId);
  return { room, seat, id: playerId, heard };
}

/** Resolves once the server has handled what was sent before, and the client has received the answers. */
const settle = async ({ room }: Player): Promise<void> => {
  for (let count = 0; count < 3; count++) await new Promise<void>((resolve) => room.ping(() => resolve()));
};

async function players(game: string, mode: string, count: number): Promise<Player[]> {
  const entered: Player[] = [];
  for (let index = 0; index < count; index++) entered.push(await enter(game, mode));
  return entered;
}

/** Resolves once the hook is asked `count` more questions, and returns them. */
async function questions(of: Player, count: number): Promise<typeof asked> {
  while (asked.length < count) await settle(of);
  return asked.splice(0, count);
}

describe("messages of players", () => {
  const logsOf = (room: Room<any, any>) => JSON.stringify(host.match(room).records);

  before(() => host.start({ games: [free, moderated], backends: [defineBackend(moderated, { moderate })] }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  it("reach all clients with seat and id of the sender, in order, and are recorded nowhere", async () => {
    const [a, b, c] = await players("free", "crowd", 3);
    a.room.send("chat", { text: "  he\u0301llo  " });
    a.room.send("emote", { id: 7 });
    await settle(a);
    b.room.send("chat", { text: "hi" });
    for (const player of [b, a, c]) await settle(player);
    const expected = [
      { is: "chat", seat: a.seat, player: a.id, text: "h\u00e9llo" },
      { is: "emote", seat: a.seat, player: a.id, id: 7 },
      { is: "chat", seat: b.seat, player: b.id, text: "hi" },
    ];
    for (const { heard } of [a, b, c]) assert.deepEqual(heard, expected);
    assert.ok(!logsOf(a.room).includes("h\u00e9llo") && !host.logged.join().includes("h\u00e9llo"));
  });

  it("to a team reach its players only", async () => {
    const [a, b, c] = await players("free", "crowd", 3);
    const teams = [a, b, c].map(({ seat }) => chatty.modes.crowd.teams[seat]);
    a.room.send("plan", { text: "left" });
    for (const player of [a, b, c]) await settle(player);
    for (const [index, { heard }] of [a, b, c].entries())
      assert.deepEqual(
        heard,
        teams[index] === teams[0] ? [{ is: "plan", seat: a.seat, player: a.id, text: "left" }] : [],
      );
    assert.equal(new Set(teams).size, 2);
  });

  it("over the limit are answered and dropped, also after the player has joined again, and other players are not limited", async () => {
    const client = await host.signedInClient();
    const a = await enter("free", "pair", client);
    const b = await enter("free", "pair");
    for (let count = 0; count < 8; count++) a.room.send("chat", { text: `${count}` });
    await settle(a);
    const refused = { is: "messageRefused", name: "chat", reason: "TOO_MANY" };
    assert.deepEqual(
      a.heard
        .filter(({ is }) => is === "chat")
        .map(({ text }) => text)
        .join(""),
      "01234",
    );
    assert.deepEqual(
      a.heard.filter(({ is }) => is !== "chat"),
      [refused, refused, refused],
    );
    a.room.reconnection.enabled = false;
    const again = await enter("free", "pair", client);
    for (let count = 0; count < 20; count++) again.room.send("chat", { text: "x" });
    await settle(again);
    assert.ok(again.heard.filter(({ is }) => is === "chat").length < 10);
    b.room.send("chat", { text: "me" });
    await settle(b);
    assert.ok(b.heard.some(({ player }) => player === b.id));
  });

  it("with a text that is not permitted are answered with the reason", async () => {
    const [a, b] = await players("free", "pair", 2);
    for (const bad of ["", " ", "x".repeat(21), "a\nb", "\u202ea", "a\u0000"]) a.room.send("plan", { text: bad });
    for (const player of [a, b]) await settle(player);
    assert.equal(a.heard.length, 6);
    for (const { is, name, reason, detail } of a.heard) {
      assert.deepEqual([is, name, reason], ["messageRefused", "plan", "TEXT_INVALID"]);
      assert.match(detail, /^text: it has /);
    }
    assert.deepEqual(b.heard, []);
  });

  it("answer a request with the outcome", async () => {
    const [a] = await players("free", "pair", 1);
    assert.equal(await a.room.request("emote", { id: 1 }), undefined);
    await assert.rejects(a.room.request("plan", { text: " " }), {
      reason: { reason: "TEXT_INVALID", detail: "text: it has no visible character" },
    });
  });

  const malformed: [string, string, unknown][] = [
    ["no fields", "chat", undefined],
    ["a text in place of the fields", "chat", "hello"],
    ["a field of another type", "chat", { text: 5 }],
    ["a nested text", "chat", { text: { toString: "x" } }],
    ["a missing field", "chat", {}],
    ["a field that is not declared", "chat", { text: "x", to: "all" }],
    ["a forged sender", "chat", { text: "x", seat: 1, player: "someone" }],
    ["a number out of range", "emote", { id: 32 }],
    ["a fraction", "emote", { id: 0.5 }],
    ["a field name of 3 KB", "emote", { ["é".repeat(1500)]: 1 }],
  ];
  for (const [what, name, data] of malformed)
    it(`with ${what} close the connection of their sender only`, async () => {
      const [a, b] = await players("free", "pair", 2);
      a.room.reconnection.enabled = false;
      const end = closed(a.room);
      a.room.send(name, data);
      assert.equal((await end).code, closeCodes.MESSAGE_INVALID.code);
      b.room.send("chat", { text: "still here" });
      await settle(b);
      assert.deepEqual(
        b.heard.map(({ text }) => text),
        ["still here"],
      );
    });

  it("that the game does not declare close the connection, as before", async () => {
    const [a] = await players("free", "pair", 1);
    a.room.reconnection.enabled = false;
    const end = closed(a.room);
    a.room.send("shout", { text: "x" });
    assert.equal((await end).code, closeCodes.WITH_ERROR.code);
  });

  describe("with a moderation", () => {
    beforeEach(() => asked.splice(0));

    it("are sent, changed or refused as it says, in the order of their arrival, while ticks continue", async () => {
      const [a, b] = await players("moderated", "pair", 2);
      for (const word of ["first", "second", "third"]) a.room.send("chat", { text: word });
      const [first, second, third] = await questions(a, 3);
      const { matchId } = a.room.state;
      const { signal, store, ...tools } = first.tools;
      assert.deepEqual(first.message, { name: "chat", fields: { text: "first" }, to: "all" });
      assert.deepEqual(tools, { player: a.id, seat: a.seat, team: a.seat, matchId, mode: "pair" });
      third.answer({ refuse: "be kind" });
      second.answer({ send: { text: "***" } });
      const { tick } = a.room.state;
      await until(a.room, (state) => state.tick > tick + 5);
      for (const player of [a, b]) await settle(player);
      assert.deepEqual([...a.heard, ...b.heard], []);
      first.answer({ send: first.message.fields });
      while (a.heard.length < 3 || b.heard.length < 2) await settle(b);
      const chat = { is: "chat", seat: a.seat, player: a.id };
      const sent = [
        { ...chat, text: "first" },
        { ...chat, text: "***" },
      ];
      assert.deepEqual(b.heard, sent);
      const refusal = { is: "messageRefused", name: "chat", reason: "REFUSED", detail: "be kind" };
      assert.deepEqual(a.heard, [...sent, refusal]);
    });

    it("are dropped and answered if it fails, and the next message is judged as usual", async () => {
      const [a] = await players("moderated", "pair", 1);
      a.room.send("chat", { text: "a secret" });
      const rejected = a.room.request("chat", { text: "another" });
      const [first, second] = await questions(a, 2);
      first.answer(Promise.reject(new Error("the classifier is down")));
      second.answer({ send: { text: 5 as never } });
      await assert.rejects(rejected, { reason: { reason: "MODERATION_FAILED" } });
      while (a.heard.length < 1) await settle(a);
      assert.deepEqual(a.heard, [{ is: "messageRefused", name: "chat", reason: "MODERATION_FAILED" }]);
      assert.ok(host.logged.some((line) => line.includes("the classifier is down")));
      assert.ok(!host.logged.join().includes("a secret"));
      a.room.send("chat", { text: "fine" });
      const [third] = await questions(a, 1);
      third.answer({ send: third.message.fields });
      while (a.heard.length < 2) await settle(a);
      assert.equal((a.heard as any[]).at(-1).text, "fine");
    });

    it("wait in a queue of limited length, and others are answered at once", async () => {
      const [a, b] = await players("moderated", "pair", 2);
      for (const player of [a, b]) for (let id = 0; id < 32; id++) player.room.send("emote", { id });
      const waiting = await questions(a, 64);
      a.room.send("emote", { id: 0 });
      await settle(a);
      assert.deepEqual(a.heard, [{ is: "messageRefused", name: "emote", reason: "MODERATION_BUSY" }]);
      for (const { message, answer } of waiting.reverse()) answer({ send: message.fields });
      while (b.heard.length < 64) await settle(b);
      for (const { id } of [a, b])
        assert.deepEqual(
          b.heard.filter(({ player }) => player === id).map((emote) => emote.id),
          Array.from({ length: 32 }, (_, at) => at),
        );
      a.room.send("emote", { id: 9 });
      const [next] = await questions(a, 1);
      next.answer({ send: next.message.fields });
    });

    it("of a player who has left meanwhile are dropped", async () => {
      const [a, b] = await players("moderated", "pair", 2);
      a.room.send("chat", { text: "bye" });
      const [question] = await questions(a, 1);
      await a.room.leave();
      await until(b.room, ({ players }) => !players.has(a.room.sessionId));
      question.answer({ send: question.message.fields });
      await settle(b);
      assert.deepEqual(b.heard, []);
    });
  });
});
