import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { JoinProbe } from "../../../src/main/health/JoinProbe.ts";
import { SharedPresence } from "../../../src/matchmaking/roomDriver/SharedPresence.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers, type Users } from "../../tools/services/asUsers.ts";

describe("the test of what a join needs from Redis", function () {
  this.timeout(600_000);
  let services: Services;
  let users: Users;
  let namespace = "";
  let admin: Redis;
  const opened: { close(): void }[] = [];

  before(async () => {
    services = await startServices(["redis"]);
    users = await asUsers(services, ["redis"]);
    namespace = users.namespace();
    admin = new Redis(users.admin.REDIS_URL);
  });
  afterEach(() => {
    for (const { close } of opened.splice(0)) close();
  });
  after(async () => {
    admin.disconnect();
    await services.stop();
  });

  /** Returns the lines that the test of one process finds now. */
  function open(url = users.env.REDIS_URL): () => Promise<string[]> {
    const redis = new Redis(url, { maxRetriesPerRequest: 1 });
    redis.on("error", () => {});
    const presence = new SharedPresence(url, namespace, { failed() {}, succeeded() {} });
    opened.push({ close: () => redis.disconnect() }, { close: () => presence.shutdown() });
    const probe = new JoinProbe({ redis, presence, namespace, id: String(opened.length), url });
    return async () => {
      const conditions = await probe.conditions();
      for (const { breaks } of conditions) assert.equal(breaks, "joins");
      return conditions.map(({ line }) => line);
    };
  }

  async function until(find: () => Promise<string[]>, wanted: (lines: string[]) => boolean): Promise<string[]> {
    for (let lines = await find(); ; lines = await find()) {
      if (wanted(lines)) return lines;
      await delay(50);
    }
  }
  const works = (lines: string[]) => lines.length === 0;

  it("finds nothing while Redis works", async () => {
    const find = open();
    await until(find, works);
    assert.deepEqual(await Promise.all([find(), find(), find()]), [[], [], []]);
  });

  it("finds that Redis has become a replica, which refuses writes, until it accepts them again", async () => {
    const find = open();
    await until(find, works);
    await admin.replicaof("127.0.0.1", 1);
    try {
      const lines = await until(find, (found) => found.some((line) => line.includes("READONLY")));
      assert.match(
        lines[0],
        /^REDIS_URL: 127\.0\.0\.1:\d+ is a replica and refuses writes \(READONLY\): expected the primary; /,
      );
    } finally {
      await admin.replicaof("NO", "ONE");
    }
    await until(find, works);
  });

  it("finds that the user may use no channels, although the user may write", async () => {
    await admin.call("ACL", "SETUSER", "limited", "on", ">a-password-3c", "~*", "+@all", "resetchannels");
    const url = new URL(users.admin.REDIS_URL);
    Object.assign(url, { username: "limited", password: "a-password-3c" });
    const find = open(url.href);
    const lines = await until(find, (found) => found.some((line) => line.includes("NOPERM")));
    assert.match(
      lines.join(),
      new RegExp(
        String.raw`^REDIS_URL: refused by 127\.0\.0\.1:\d+: NOPERM [^,]*: add the ACL rule &${namespace}\* to user limited$`,
      ),
    );
    assert(!lines.join().includes("a-password-3c"));
    await admin.call("ACL", "SETUSER", "limited", "allchannels");
    await until(find, works);
  });

  it("finds that a connection that is open does not answer", async () => {
    const find = open();
    await until(find, works);
    await admin.client("PAUSE", 5000);
    const lines = await until(find, (found) => found.length > 0);
    for (const line of lines) assert.match(line, /^REDIS_URL: 127\.0\.0\.1:\d+ gave no answer to .* within 1000 ms; /);
    await until(find, works);
  });
});
