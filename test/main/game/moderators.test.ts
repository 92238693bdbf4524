/** What `moderate` of a game may return, and what happens if it fails. */
import assert from "node:assert/strict";
import pino from "pino";
import type { Moderate, ModerateTools } from "../../../src/game/messages.ts";
import { text } from "../../../src/game/messages.ts";
import { moderatorsOf, playerValuesIn } from "../../../src/main/game/moderators.ts";
import { tag } from "../../tag/tag.ts";

const game = { ...tag, messages: { chat: { fields: { text: text(20) }, to: "all" as const } } };
const message = { name: "chat", fields: { text: "so secret" }, to: "all" } as const;
const sender = { player: "p1", seat: 1, team: 0, matchId: "m1", mode: "pair" };

describe("the moderation of a game's messages", () => {
  const logged: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => logged.push(line) });
  const storeOf = (name: string) => ({ ...playerValuesIn(null, name), get: async () => ({ value: name, version: 1 }) });
  beforeEach(() => logged.splice(0));

  const judge = (moderate: unknown, withinMs?: number) => {
    const backends = [{ game: "tag", moderate: moderate as Moderate }];
    return moderatorsOf({ games: [game], backends, storeOf, log, withinMs }).get("tag")!(message, sender);
  };

  it("gets the message, its sender and the values of the game, and may send it, change it or refuse it", async () => {
    let got: unknown;
    const keep = async (given: any, { store, signal, ...tools }: ModerateTools) => {
      got = { given, tools, stored: await store.get("p1", "muted"), isAborted: signal.aborted };
      return { send: given.fields };
    };
    assert.deepEqual(await judge(keep), { send: message.fields });
    assert.deepEqual(got, { given: message, tools: sender, stored: { value: "tag", version: 1 }, isAborted: false });
    assert.deepEqual(await judge(() => ({ send: { text: " so *** " } })), { send: { text: "so ***" } });
    assert.deepEqual(await judge(() => ({ refuse: "be kind" })), { refuse: "be kind" });
    assert.deepEqual(logged, []);
  });

  it("drops the message and logs why, without its text, if the hook fails or returns something else", async () => {
    const fails: [unknown, RegExp][] = [
      [() => Promise.reject(new Error("no route to host")), /no route to host/],
      [
        () => {
          throw new Error("typo");
        },
        /typo/,
      ],
      [() => undefined, /it returned nothing: expected \{ send: fields \} or \{ refuse: reason \}/],
      [() => true, /it returned true/],
      [() => ({}), /it returned an object/],
      [() => ({ send: message.fields, refuse: "x" }), /it returned an object/],
      [() => ({ refuse: 5 }), /its reason to refuse is not a text of at most 200 characters/],
      [() => ({ refuse: "x".repeat(201) }), /its reason to refuse is not a text/],
      [() => ({ send: { text: 5 } }), /does not fit the declaration: chat, text: got 5, expected a text/],
      [() => ({ send: { text: "x".repeat(21) } }), /chat, text: it has 21 characters, expected at most 20/],
      [() => ({ send: null }), /chat, got null, expected an object/],
    ];
    for (const [moderate, line] of fails) {
      assert.equal(await judge(moderate), null);
      assert.match(logged.at(-1)!, line);
    }
    assert.equal(logged.length, fails.length);
    assert.ok(logged.every((line) => line.includes("moderate failed; the message was dropped")));
    assert.ok(logged.every((line) => !line.includes("secret")));
  });

  it("drops the message if the hook does not answer in time, and aborts its signal", async () => {
    let aborted: Promise<unknown> | undefined;
    const never = (_: unknown, { signal }: ModerateTools) => {
      aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
      return new Promise<never>(() => {});
    };
    assert.equal(await judge(never, 20), null);
    assert.match(logged[0], /it has not answered within 0.02 s/);
    await aborted;
  });

  it("logs the same failure at most once a minute", async () => {
    const moderate = () => Promise.reject(new Error("down"));
    const all = moderatorsOf({ games: [game], backends: [{ game: "tag", moderate }], storeOf, log });
    for (let count = 0; count < 5; count++) assert.equal(await all.get("tag")!(message, sender), null);
    assert.equal(logged.length, 1);
  });

  it("is there only for games with a hook, and its store refuses without a database", async () => {
    assert.equal(moderatorsOf({ games: [game], backends: [{ game: "tag" }], storeOf, log }).size, 0);
    await assert.rejects(playerValuesIn(null, "tag").get("p", "k"), /this process has no database/);
  });
});
