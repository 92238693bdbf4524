import assert from "node:assert/strict";
import { MailError, type Mailer, type Message } from "../../../src/players/mail/Mailer.ts";
import { MailQueue } from "../../../src/players/mail/MailQueue.ts";

const unavailable = new MailError("unavailable", false);
const message = (to: string): Message => ({ to, subject: "", text: "" });

describe("the mail queue", () => {
  const failures: unknown[] = [];
  let tries = 0;
  beforeEach(() => {
    failures.length = 0;
    tries = 0;
  });

  /** A queue whose mailer fails once per problem, then accepts everything. `done` resolves after `outcomes` outcomes. */
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
    const onError = (error: unknown) => {
      failures.push(error);
      ended();
    };
    return { mailQueue: new MailQueue({ mailer, onError, pausesMs }), done: done.promise };
  }

  it("retries, and reports no failure of a message that is sent in the end", async () => {
    const { mailQueue, done } = open([unavailable, unavailable, unavailable], 1);
    mailQueue.enqueue(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, []]);
  });

  it("gives up after a few attempts, or after one permanent failure", async () => {
    const { mailQueue, done } = open([unavailable, unavailable, unavailable, unavailable], 1);
    mailQueue.enqueue(message("a"));
    await done;
    assert.deepEqual([tries, failures], [4, [unavailable]]);
    const gone = new MailError("gone", true);
    const second = open([gone], 1);
    second.mailQueue.enqueue(message("b"));
    await second.done;
    assert.deepEqual([tries, failures], [5, [unavailable, gone]]);
  });

  it("sends a few messages at a time, and all of them in the end", async () => {
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
    const mailQueue = new MailQueue({ mailer, onError: (error) => failures.push(error) });
    for (let i = 0; i < 20; i++) mailQueue.enqueue(message(String(i)));
    await all.promise;
    assert.deepEqual([most, failures], [4, []]);
  });

  it("drops new messages while a thousand wait, and reports it", () => {
    const mailer: Mailer = { send: () => new Promise(() => {}) };
    const mailQueue = new MailQueue({ mailer, onError: (error) => failures.push(error) });
    for (let i = 0; i < 1001; i++) mailQueue.enqueue(message(String(i)));
    mailQueue.stop();
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), /SMTP_URL: too many messages are waiting/);
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
    const mailQueue = new MailQueue({ mailer, onError: (error) => failures.push(error), pausesMs: [3_600_000] });
    for (let i = 0; i < 8; i++) mailQueue.enqueue(message(String(i)));
    await begun.promise;
    mailQueue.stop();
    mailQueue.enqueue(message("late"));
    await Promise.all(ends);
    await new Promise(setImmediate);
    assert.deepEqual([tries, failures], [5, []]);
  });
});
