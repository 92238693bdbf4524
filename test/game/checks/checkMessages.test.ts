/** Each mistake in a declared message of players is refused in one line that names the game, the place and the remedy. */
import assert from "node:assert/strict";
import { defineGame } from "../../../src/game/defineGame.ts";
import { int, name, seat } from "../../../src/game/events.ts";
import { text } from "../../../src/game/messages.ts";
import { tag } from "../../tag/tag.ts";

const chat = { fields: { text: text(200) }, to: "all" };
const inChat = (change: object) => ({ chat: { ...chat, ...change } });
const field = (fields: object) => inChat({ fields });
const many = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, value]));

/** The messages, the place that is named, what is wrong, and what to do. */
const MISTAKES: readonly [messages: unknown, place: string, problem: RegExp, remedy: RegExp][] = [
  [null, "messages", /is null, expected an object/, /messages: \{ chat: \{ fields/],
  [[], "messages", /is an array of length 0, expected an object/, /messages: \{ chat/],
  [many(33, chat), "messages", /has 33 messages, expected at most 32/, /a name field/],
  [{ "my chat": chat }, 'messages, name "my chat"', /expected a lower-case letter/, /rename the message/],
  [{ constructor: chat }, 'messages, name "constructor"', /expected a lower-case letter/, /rename the message/],
  [{ facts: chat }, "messages.facts", /the platform has a message of this name, as facts, /, /rename the message/],
  [{ messageRefused: chat }, "messages.messageRefused", /the platform has a message/, /rename the message/],
  [{ chat: 5 }, "messages.chat", /is 5, expected the declaration of a message/, /chat: \{ fields: \{ text/],
  [inChat({ to: undefined }), "messages.chat.to", /is nothing, expected "all" or "team"/, /set "team" if/],
  [inChat({ to: "enemies" }), "messages.chat.to", /is "enemies", expected "all" or "team"/, /set "team" if/],
  [
    inChat({ perSecond: 0 }),
    "messages.chat.perSecond",
    /is 0, expected a whole number from 1 to 20/,
    /remove it for 1/,
  ],
  [inChat({ burst: 51 }), "messages.chat.burst", /is 51, expected a whole number from 1 to 50/, /remove it for 5/],
  [inChat({ fields: null }), "messages.chat.fields", /is null, expected an object/, /fields: \{ text: text\(200\)/],
  [field(many(17, int(0, 1))), "messages.chat.fields", /has 17 fields, expected at most 16/, /remove some/],
  [field({ a_b: text(5) }), "messages.chat.fields.a_b", /expected a lower-case letter/, /rename the field/],
  [field({ seat: int(0, 1) }), "messages.chat.fields.seat", /already has a field of this name/, /rename the field/],
  [field({ player: text(5) }), "messages.chat.fields.player", /already has a field of this name/, /rename/],
  [field({ who: seat() }), "messages.chat.fields.who", /expected a field of a message/, /text\(200\), int\(0, 31\)/],
  [field({ x: "int" }), "messages.chat.fields.x", /is "int", expected a field of a message/, /create it with/],
  [field({ x: int(0, 9).default(1) }), "messages.chat.fields.x", /to which nothing is added/, /create it with/],
  [field({ x: text(9).optional() }), "messages.chat.fields.x", /to which nothing is added/, /create it with/],
  [field({ x: text(9).max(3) }), "messages.chat.fields.x", /to which nothing is added/, /create it with/],
  [field({ a: text(500), b: text(400) }), "messages.chat.fields", /up to 900 characters in all, .* 800/, /shorten/],
];

describe("the messages of players in the declaration of a game", () => {
  it("are optional, and accepted if they are valid", () => {
    const emote = { fields: { face: name(["smile"]), size: int(1, 3) }, to: "team", perSecond: 20, burst: 50 } as const;
    const messages = { chat: { ...chat, to: "all" as const }, emote, wave: { fields: {}, to: "all" as const } };
    assert.equal(defineGame({ ...tag, messages }).messages, messages);
  });

  for (const [messages, place, problem, remedy] of MISTAKES)
    it(`are refused for ${place}: ${problem.source}`, () => {
      assert.throws(
        () => defineGame({ ...tag, messages } as typeof tag),
        (error: any) => {
          assert.equal(error.name, "GameFault", error.stack);
          assert.ok(error.message.startsWith(`tag, ${place}: `) && !error.message.includes("\n"), error.message);
          assert.match(error.message, problem);
          assert.match(error.remedy, remedy);
          return true;
        },
      );
    });

  it("are refused if a command of the game has the same name", () => {
    assert.throws(() => defineGame({ ...tag, messages: { chat }, commands: { chat: { fields: {} } } } as any), {
      message: /tag, messages\.chat: the game has a command of this name; rename one of the two$/,
    });
  });
});
