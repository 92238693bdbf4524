import assert from "node:assert/strict";
import { MailError, type Mailer, type Message } from "../../../src/players/mail/Mailer.ts";
import { Postbox } from "../../../src/players/mail/Postbox.ts";

const unavailable = new MailError("unavailable", false);
const message = (to: string): Message => ({ to, subject: "", text: "" });

describe("the postbox", () => {
  const failures: unknown[] = [];
  let tries = 0;
  beforeEach(() => {
    failures.length = 0;
    tries = 0;
  });

  /** A postbox whose mailer fails once per problem, then accepts everything. `done` resolves after `outcomes` outcomes. */
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

  it("retries, and reports no failure of a message that is sent in the end", async () => {
    const { postbox, done } = open([unavailable, unavailable, unavailable], 1);
    postbox.post(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, []]);
  });

  it("gives up after a few attempts, and at once after a permanent failure", async () => {
    const { postbox, done } = open([unavailable, unavailable, unavailable, unavailable], 1);
    postbox.post(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, [unavailable]]);
    const gone = new MailError("gone", true);
    const second = open([gone], 1);
    second.postbox.post(message("b"));
    await second.done;
    assert.deepEqual([tries, failures], [5, [unavailable, gone]]);
  });

  it("sends a few messages at once, and all in the end", async () => {
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

  it("drops new messages while a thousand wait, and reports it", () => {
    const mailer: Mailer = { send: () => new Promise(() => {}) };
    const postbox = new Postbox({ mailer, failed: (error) => failures.push(error) });
    for (let i = 0; i < 1001; i++) postbox.post(message(String(i)));
    postbox.stop();
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), /SMTP_URL: too many messages wait/);
  });

  it("drops all messages when it stops: those being sent, those that wait, and those to be retried", async () => {
    const begun = Promise.withResolvers<void>();
    const ends: Promise<unknown>[] = [];
    const mailer: Mailer = {
      async send(_message, signal) {
        if (++tries === 1) throw unavailable;
        const end = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(unavailable)));
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
