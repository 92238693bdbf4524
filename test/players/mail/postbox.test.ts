/** Messages on their way: a few at once, tried a few times, forgotten when the process stops. */
import assert from "node:assert/strict";
import { MailError, type Mailer, type Message } from "../../../src/players/mail/Mailer.ts";
import { Postbox } from "../../../src/players/mail/Postbox.ts";

const away = new MailError("away", false);
const message = (to: string): Message => ({ to, subject: "", text: "" });

describe("the postbox", () => {
  const failures: unknown[] = [];
  let tries = 0;
  beforeEach(() => {
    failures.length = 0;
    tries = 0;
  });

  /** Fails as often as there are problems, then takes all. Resolves `done` after the wished number of outcomes. */
  function open(problems: unknown[], outcomes: number, pausesMs = [0, 0, 0]) {
    const done = Promise.withResolvers<void>();
    const ended = () => --outcomes === 0 && done.resolve();
    const mailer: Mailer = {
      async send() {
        tries++;
        const problem = problems.shift();
        if (problem !== undefined) throw problem;
        ended();
      },
    };
    const failed = (error: unknown) => {
      failures.push(error);
      ended();
    };
    return { postbox: new Postbox({ mailer, failed, pausesMs }), done: done.promise };
  }

  it("tries again, and says nothing of a message that goes out in the end", async () => {
    const { postbox, done } = open([away, away, away], 1);
    postbox.post(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, []]);
  });

  it("gives up after a few times, and at once where trying again is of no use", async () => {
    const { postbox, done } = open([away, away, away, away], 1);
    postbox.post(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, [away]]);
    const gone = new MailError("gone", true);
    const second = open([gone], 1);
    second.postbox.post(message("b"));
    await second.done;
    assert.deepEqual([tries, failures], [5, [away, gone]]);
  });

  it("sends a few at once, and all in the end", async () => {
    let sending = 0;
    let most = 0;
    let sent = 0;
    const all = Promise.withResolvers<void>();
    const mailer: Mailer = {
      async send() {
        most = Math.max(most, ++sending);
        await new Promise(setImmediate);
        sending--;
        if (++sent === 20) all.resolve();
      },
    };
    const postbox = new Postbox({ mailer, failed: (error) => failures.push(error) });
    for (let i = 0; i < 20; i++) postbox.post(message(String(i)));
    await all.promise;
    assert.deepEqual([most, failures], [4, []]);
  });

  it("drops what comes while a thousand wait, and says so", () => {
    const mailer: Mailer = { send: () => new Promise(() => {}) };
    const postbox = new Postbox({ mailer, failed: (error) => failures.push(error) });
    for (let i = 0; i < 1001; i++) postbox.post(message(String(i)));
    postbox.stop();
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), /SMTP_URL: too many messages wait/);
  });

  it("lets go of everything when it stops: what is being sent, what waits for its turn or its next attempt", async () => {
    const begun = Promise.withResolvers<void>();
    const ends: Promise<unknown>[] = [];
    const mailer: Mailer = {
      async send(_message, signal) {
        if (++tries === 1) throw away;
        const end = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(away)));
        ends.push(end.catch(() => {}));
        if (tries === 5) begun.resolve();
        await end;
      },
    };
    const postbox = new Postbox({ mailer, failed: (error) => failures.push(error), pausesMs: [3_600_000] });
    for (let i = 0; i < 8; i++) postbox.post(message(String(i)));
    await begun.promise;
    postbox.stop();
    postbox.post(message("late"));
    await Promise.all(ends);
    await new Promise(setImmediate);
    assert.deepEqual([tries, failures], [5, []]);
  });
});
