import assert from "node:assert/strict";
import type { AuditDeps } from "../../../src/pipeline/audit/AuditDeps.ts";
import type { AuditScope } from "../../../src/pipeline/audit/AuditScope.ts";
import { audit } from "../../../src/pipeline/audit/audit.ts";
import { auditCommand } from "../../../src/pipeline/audit/auditCommand.ts";
import { keyOf } from "../../../src/pipeline/sinks/lake/lakeKeys.ts";
import { UsageError } from "../../../src/platform/commandLine/CommandUsage.ts";
import { filesIn, withSeq } from "../sinks/lakeUnderTest.ts";
import {
  DAY_MS,
  type MatchMessage,
  NOON_MS,
  personMessage,
  queueMessage,
  tickMessage,
  uuidV7,
} from "../sinks/matches.ts";
import { committedIn } from "./committedIn.ts";
import { logInMemory } from "./logInMemory.ts";
import { Stores } from "./Stores.ts";
import { wholeMatch } from "./wholeMatch.ts";

const HOUR_MS = 3_600_000;
const first = wholeMatch({ number: 1, mode: "duel" });
const second = wholeMatch({ number: 2, mode: "ffa" }, { logs_move: 12 });
const [firstId, secondId] = [first[0].matchId, second[0].matchId];

describe("the audit", function () {
  this.timeout(240_000);
  const stores = new Stores();
  const sinceNoon: AuditScope = { sinceMs: NOON_MS };
  const differencesOf = async (scope: AuditScope, change?: Partial<AuditDeps>) =>
    (await audit(stores.deps(change), scope)).differences.map(
      ({ store, matchId, detail }) => `${store} ${matchId}: ${detail}`,
    );
  const without = (match: readonly MatchMessage[], topic: string, nth = 0) => {
    const gone = match.filter((one) => one.topic === topic)[nth];
    return match.filter((one) => one !== gone);
  };

  it("finds no difference if both stores have every event exactly once, and adds up the shed events", async () => {
    stores.publish(first);
    stores.publish(second);
    await stores.deliverEverywhere();
    const report = await audit(stores.deps(), sinceNoon);
    assert.deepEqual(report.differences, []);
    assert.equal(report.matches, 2);
    assert.equal(report.events, [...first, ...second].flatMap(({ events }) => events).length);
    assert.deepEqual(report.shed, { logs_move: 12 });
    assert.deepEqual(await differencesOf({ matchId: firstId }), []);
    assert.equal((await audit(stores.deps(), { matchId: firstId })).matches, 1);
  });

  it("finds events that are missing in the lake, by count and by gap, although the warehouse has them", async () => {
    stores.publish(second);
    await stores.deliverToWarehouse();
    stores.logs.clear();
    stores.publish(without(second, "logs_attack", 1));
    await stores.deliverToLake();
    const differences = await differencesOf(sinceNoon);
    assert(
      differences.some((line) => /^lake .*: \d+ events in logs_attack, but the ended event counts \d+$/.test(line)),
    );
    assert(
      differences.some((line) =>
        /^warehouse .*: fact_attack has rows that the lake does not have: tick \d+, i \d+$/.test(line),
      ),
    );
    assert(differences.every((line) => line.includes(secondId)));
  });

  it("finds an event that is stored twice, even long after its match was complete", async () => {
    stores.publish(first);
    const again = first.filter(({ topic }) => topic === "logs_death").slice(0, 1);
    stores.publish(again, "outbox-2");
    await stores.deliverEverywhere();
    assert.match(
      (await differencesOf(sinceNoon)).join(),
      /^lake \S+: tick \d+, i \d+ is stored twice, in logs_death and logs_death/,
    );
    stores.logs.get("logs_death")!.add(withSeq(tickMessage(again[0]), 1, "outbox-3"), NOON_MS + 3 * HOUR_MS);
    await stores.deliverToLake();
    assert.equal((await differencesOf({ matchId: firstId })).length, 3);
    stores.logs.clear();
    stores.publish(second);
    const late = second.filter(({ topic }) => topic === "logs_move")[0];
    stores.logOf("logs_move").add(withSeq(tickMessage(late), 1, "outbox-4"), NOON_MS + 5 * HOUR_MS);
    for (const log of stores.logs.values()) log.topicId = "topic-1";
    stores.objects = stores.newLake();
    await stores.deliverToLake();
    assert.deepEqual(await differencesOf(sinceNoon, { warehouse: null }), [
      `lake ${secondId}: ${late.events.length} more events than the ended event counts`,
    ]);
  });

  it("finds a match without an end, but does not check a match that might still be running", async () => {
    stores.publish(first.filter(({ events }) => events[0].kind !== "ended"));
    await stores.deliverEverywhere();
    const differences = await differencesOf(sinceNoon);
    assert.deepEqual(differences, [
      `lake ${firstId}: has no ended event`,
      `warehouse ${firstId}: has no ended_at in dim_match`,
    ]);
    const early = await audit(stores.deps({ now: () => NOON_MS + 60_000 }), sinceNoon);
    assert.deepEqual([early.differences, early.open], [[], [firstId]]);
  });

  it("does not check a match that ended recently while the sink may keep some of its events", async () => {
    stores.publish(without(first, "logs_attack"));
    stores.publish(second);
    await stores.deliverEverywhere();
    const flush = { lakeFlushMs: 600_000 };
    const early = await audit(stores.deps({ ...flush, now: () => NOON_MS + 300_000 }), sinceNoon);
    assert.deepEqual([early.differences, early.open, early.matches], [[], [firstId], 1]);
    assert.notDeepEqual(await differencesOf(sinceNoon, { ...flush, now: () => NOON_MS + 700_000 }), []);
    // The sink keeps events for longer than a match usually counts as open.
    const lost = { lakeFlushMs: HOUR_MS, now: () => NOON_MS + HOUR_MS / 2 };
    stores.logs.clear();
    stores.publish(first);
    await stores.deliverToWarehouse();
    assert.deepEqual(await differencesOf(sinceNoon, lost), []);
  });

  it("finds rows that are missing in the warehouse, and expects only the moves that belong there", async () => {
    stores.publish(second);
    await stores.deliverEverywhere();
    await stores.sql.query("DELETE FROM dw.fact_heal WHERE match_id = $1", [secondId]);
    await stores.sql.query("DELETE FROM dw.fact_move WHERE match_id = $1 AND tick = 40", [secondId]);
    assert.match(
      (await differencesOf(sinceNoon)).join("\n"),
      /^warehouse \S+: fact_heal has no row for tick \d.*\nwarehouse \S+: fact_move has no row for tick 40, i /,
    );
    assert.deepEqual(await differencesOf(sinceNoon, { retentionDays: 1, now: () => NOON_MS + 9 * DAY_MS }), []);
  });

  it("reports repeats of the log, which are allowed, from the lake's files", async () => {
    stores.publish(first);
    const log = stores.logOf("logs_match");
    const repeats = log.messages.slice(-2);
    for (const message of repeats) log.add(message);
    await stores.deliverEverywhere();
    const report = await audit(stores.deps(), { matchId: firstId });
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.repeats, [
      { topic: "logs_match", partition: 0, first: BigInt(log.end - 2), last: BigInt(log.end - 1) },
    ]);
  });

  it("compares the queue by ids", async () => {
    const queue = stores.logOf("logs_queue");
    for (let at = 0; at < 6; at++)
      queue.add(
        withSeq(
          queueMessage({ id: uuidV7(NOON_MS + at, at), at: NOON_MS, kind: "entered", player: `p${at}`, waitMs: 0 }),
          at,
        ),
      );
    await stores.deliverEverywhere();
    assert.deepEqual(await differencesOf(sinceNoon), []);
    await stores.sql.query("DELETE FROM dw.fact_queue WHERE id = $1", [uuidV7(NOON_MS + 3, 3)]);
    assert.deepEqual(await differencesOf(sinceNoon), [
      `warehouse null: fact_queue has no row for ${uuidV7(NOON_MS + 3, 3)}`,
    ]);
  });

  describe("of what happens outside matches", () => {
    const id = (at: number) => uuidV7(NOON_MS + at, at);
    const change = { game: "arena", mode: "duel", before: 1500, after: 1516, matchId: id(5), algorithm: "elo" };
    const act = { operator: "ada", role: "moderate", act: "kick", room: null, detail: null, reason: "insults" };
    const kinds = { logs_player: { kind: "deleted" }, logs_rating: change, logs_admin: act };
    const topics = Object.keys(kinds) as (keyof typeof kinds)[];
    const tableOf = (topic: string) => topic.replace("logs_", "fact_");
    const add = (topic: keyof typeof kinds, at: number, seq: number) =>
      stores.logOf(topic).add(withSeq(personMessage(topic, id(at), kinds[topic], `p${at}`, NOON_MS + at), seq));

    beforeEach(() => {
      for (const topic of topics) for (const at of [1, 2, 3]) add(topic, at, at);
    });

    it("finds no difference if every event is everywhere, and counts those that were published again", async () => {
      for (const topic of topics) add(topic, 2, 4);
      await stores.deliverEverywhere();
      const all = { logs_admin: [1, 2, 3], logs_rating: [1, 2, 3] };
      const report = await audit(stores.deps({ committed: committedIn(all) }), sinceNoon);
      assert.deepEqual([report.differences, report.republished, report.unpublished], [[], 3, 0]);
    });

    it("finds a row that is missing in the warehouse", async () => {
      await stores.deliverEverywhere();
      for (const topic of topics) await stores.sql.query(`DELETE FROM dw.${tableOf(topic)} WHERE id = $1`, [id(2)]);
      assert.deepEqual(
        await differencesOf(sinceNoon),
        topics.map((topic) => `warehouse null: ${tableOf(topic)} has no row for ${id(2)}`),
      );
    });

    it("finds an event that the lake has twice, as the same record", async () => {
      await stores.deliverEverywhere();
      for (const topic of topics) {
        const [{ file }] = await filesIn(stores.objects, topic);
        await stores.objects.putNew(keyOf({ ...file, firstOffset: 1000n }), (await stores.objects.get(file.key))!);
      }
      const expected = topics.flatMap((topic) =>
        [1, 2, 3].map((at) => `lake null: ${topic.slice("logs_".length)} event ${id(at)} is stored twice`),
      );
      assert.deepEqual(await differencesOf(sinceNoon), expected);
    });

    it("finds acts and ratings of the database that neither lake nor warehouse have, unless they are not published yet", async () => {
      await stores.deliverEverywhere();
      const all = { logs_admin: [1, 2, 3, 4, 5], logs_rating: [1, 2, 3, 4, 5] };
      const report = await audit(stores.deps({ committed: committedIn(all, [5]) }), sinceNoon);
      assert.deepEqual(
        report.differences.map(({ store, detail }) => `${store}: ${detail}`),
        [
          `lake: has no rating event ${id(4)}, but participants has it`,
          `lake: has no admin event ${id(4)}, but operator_acts has it`,
        ],
      );
      assert.equal(report.unpublished, 1);
    });

    it("finds an act that is gone from the database", async () => {
      await stores.deliverEverywhere();
      const without2 = committedIn({ logs_admin: [1, 3], logs_rating: [1, 2, 3] });
      assert.deepEqual(await differencesOf(sinceNoon, { committed: without2 }), [
        `database null: operator_acts has no row for admin event ${id(2)}`,
      ]);
    });

    it("expects no ratings from before the program published them, and no acts from before they had a table", async () => {
      await stores.deliverEverywhere();
      await stores.sql.query("DELETE FROM dw.fact_admin WHERE id = $1", [id(1)]);
      const earlier = { logs_admin: [1, 2, 3], logs_rating: [0, 1, 2, 3] };
      assert.deepEqual(await differencesOf(sinceNoon, { committed: committedIn(earlier) }), []);
    });

    it("finds what the log has and the lake does not", async () => {
      await stores.deliverEverywhere();
      for (const topic of topics) add(topic, 4, 4);
      const lackingLake = await differencesOf(sinceNoon, { log: logInMemory([...stores.logs.values()]) });
      assert.deepEqual(
        lackingLake.sort(),
        topics
          .map((topic) => `lake null: has no ${topic.slice("logs_".length)} event ${id(4)}, but the log has it`)
          .sort(),
      );
    });

    it("compares each connection with its row of fact_session", async () => {
      const connection = id(7);
      const common = { connection, room: "queue", roomId: "r" };
      const end = { kind: "disconnected", ...common, connectedAt: NOON_MS + 7, reason: "left" };
      stores
        .logOf("logs_player")
        .add(withSeq(personMessage("logs_player", connection, { kind: "connected", ...common }), 7));
      stores.logOf("logs_player").add(withSeq(personMessage("logs_player", id(8), end), 8));
      await stores.deliverEverywhere();
      assert.deepEqual(await differencesOf(sinceNoon), []);
      await stores.sql.query("UPDATE dw.fact_session SET disconnected_at = NULL");
      assert.deepEqual(await differencesOf(sinceNoon), [
        `warehouse null: fact_session has no end of connection ${connection}`,
      ]);
      await stores.sql.query("UPDATE dw.fact_session SET connection = $1", [id(9)]);
      assert.deepEqual(await differencesOf(sinceNoon), [
        `warehouse null: fact_session has no row for connection ${connection}`,
        `lake null: has no event of connection ${id(9)}, but fact_session has it`,
      ]);
    });
  });

  describe("as a command", () => {
    const run = async (args: readonly string[], change?: Partial<AuditDeps>) => {
      const written = { out: "", err: "" };
      const terminal = {
        out: (text: string) => void (written.out += text),
        err: (text: string) => void (written.err += text),
      };
      return { code: await auditCommand(args, async () => stores.deps(change), terminal), ...written };
    };
    const sinceDay = ["--since", "2026-02-03"];

    it("ends with 0 if there is no difference, and prints text or JSON", async () => {
      stores.publish(first);
      await stores.deliverEverywhere();
      const good = await run(sinceDay);
      assert.equal(good.code, 0);
      assert.match(good.out, /^1 matches, [\d,]+ events in \d+ lake files\n[\s\S]*differences: none\n$/);
      const json = await run([firstId, "--json"]);
      assert.deepEqual([json.code, JSON.parse(json.out).matches], [0, 1]);
    });

    it("ends with 1 if there is a difference", async () => {
      stores.publish(without(second, "logs_attack"));
      await stores.deliverEverywhere();
      assert.equal((await run(sinceDay)).code, 1);
    });

    it("ends with 1 if the lake lacks a whole match that the warehouse has", async () => {
      stores.publish(second);
      await stores.deliverToWarehouse();
      stores.logs.clear();
      stores.publish(first);
      await stores.deliverEverywhere();
      for (const args of [sinceDay, [secondId]]) {
        const missing = await run(args);
        assert.equal(missing.code, 1, missing.out);
        assert.match(missing.out, new RegExp(`lake ${secondId}: has no events, but the warehouse has the match`));
      }
    });

    it("ends with 1 if the lake lacks an event of the queue that the warehouse has", async () => {
      stores.publish(first);
      await stores.deliverEverywhere();
      const id = uuidV7(NOON_MS, 1);
      stores
        .logOf("logs_queue")
        .add(withSeq(queueMessage({ id, at: NOON_MS, kind: "entered", player: "p", waitMs: 0 }), 1));
      await stores.deliverToWarehouse();
      const missing = await run(sinceDay);
      assert.equal(missing.code, 1, missing.out);
      assert.match(missing.out, new RegExp(`lake -: has no queue event ${id}`));
    });

    it("refuses invalid arguments with the usage, without opening a store", async () => {
      for (const args of [[], ["x"], ["--since"], ["--since", "yesterday"], [firstId, "more"]]) {
        const refuse = () => Promise.reject(new Error("opened a store"));
        const audited = auditCommand(args, refuse, { out() {}, err() {} });
        await assert.rejects(audited, UsageError);
        await assert.rejects(audited, /.+; usage: npm run audit -- MATCH_ID .*--help$/);
      }
    });

    it("ends with 3 if the lake is empty, and says how many matches the warehouse has", async () => {
      stores.publish(first);
      await stores.deliverEverywhere();
      for (const args of [sinceDay, [firstId]]) {
        const empty = await run(args, { objects: stores.newLake() });
        assert.equal(empty.code, 3, empty.out);
        assert.doesNotMatch(empty.out, /differences/);
        assert.match(
          empty.out,
          /nothing found to check: the lake has no file, but the warehouse has 1 matches.*: check NAMESPACE/,
        );
      }
    });

    it("ends with 3 for a date in the future, for a match that no store has, and if every match is still running", async () => {
      stores.publish(first.filter(({ events }) => events[0].kind !== "ended"));
      await stores.deliverEverywhere();
      const future = await run(["--since", "2099-01-01"]);
      assert.equal(future.code, 3);
      assert.match(future.out, /nothing found to check: 2099-01-01T00:00:00.000Z is in the future/);
      const unknown = await run([secondId]);
      assert.equal(unknown.code, 3);
      assert.match(unknown.out, new RegExp(`the lake has no event of match ${secondId}`));
      const early = await run(sinceDay, { now: () => NOON_MS + 60_000 });
      assert.equal(early.code, 3);
      assert.match(early.out, /nothing found to check: all matches of this scope may still be running/);
    });

    it("ends with 4 if a store cannot be read", async () => {
      let text = "";
      const write = (more: string) => void (text += more);
      const refuse = () => Promise.reject(new Error("DATABASE_URL: connection refused"));
      assert.equal(await auditCommand(sinceDay, refuse, { out: write, err: write }), 4);
      assert.match(text, /no result, because a store could not be read: DATABASE_URL: connection refused/);
    });

    it("says what retention has removed, and does not count that as differences", async () => {
      stores.publish(first);
      stores.publish(second.filter(({ tick }) => tick > 10));
      await stores.deliverEverywhere();
      await stores.sql.query("DELETE FROM dw.fact_move");
      const later = { retentionDays: 3, now: () => NOON_MS + 9 * DAY_MS };
      const report = await audit(stores.deps(later), sinceNoon);
      assert.deepEqual(report.differences, []);
      assert.deepEqual(report.retention, { oldestDay: "2026-02-09", incomplete: 1, notCompared: 1 });
      const text = await run([secondId], later);
      assert.equal(text.code, 3);
      assert.match(text.out, /events before 2026-02-09 are removed and not checked.* 1 are incomplete in the lake/);
      assert.match(text.out, /nothing found to check: .*retention has removed the events before 2026-02-09/);
      assert.equal((await audit(stores.deps(later), { sinceMs: NOON_MS + 8 * DAY_MS })).retention, null);
    });
  });
});
