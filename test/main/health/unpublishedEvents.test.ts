import assert from "node:assert/strict";
import { UnpublishedEvents } from "../../../src/main/health/UnpublishedEvents.ts";
import { aboutOf } from "../../../src/main/metrics/conditionMetrics.ts";

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 1, 3, 12);

describe("events that wait to be published", () => {
  let nowMs: number;
  let reads: number;
  let answer: () => Promise<Awaited<ReturnType<ConstructorParameters<typeof UnpublishedEvents>[0]["read"]>>>;
  let unpublished: UnpublishedEvents;
  const none = { count: 0, oldestAt: null };
  const lines = async () => (await unpublished.conditions()).map(({ line }) => line);

  beforeEach(() => {
    nowMs = START_MS;
    reads = 0;
    answer = async () => ({ acts: none, events: none });
    const read = () => {
      reads++;
      return answer();
    };
    unpublished = new UnpublishedEvents({ read, now: () => nowMs });
  });

  it("are counted by kind, with the age of the oldest", async () => {
    answer = async () => ({ acts: none, events: { count: 3, oldestAt: START_MS - 2000 } });
    assert.deepEqual(await unpublished.counts(), { acts: 0, events: 3 });
    assert.deepEqual(await unpublished.oldestSeconds(), { acts: 0, events: 2 });
    assert.equal(reads, 1, "metrics and conditions share an answer");
  });

  it("are a warning once the oldest has waited for five minutes, until it is published", async () => {
    answer = async () => ({ acts: { count: 2, oldestAt: START_MS }, events: { count: 7, oldestAt: START_MS } });
    nowMs = START_MS + 4 * MINUTE_MS;
    assert.deepEqual(await lines(), []);
    nowMs = START_MS + 5 * MINUTE_MS;
    const [acts, events, ...rest] = await lines();
    assert.match(acts, /^2 acts of operators are not published, the oldest since 2026-02-03T12:00:00.000Z: expected/);
    assert.match(events, /^7 events of players and ratings are not published/);
    assert.deepEqual(rest, []);
    assert.deepEqual([acts, events].map(aboutOf), ["unpublished", "unpublished"]);
    answer = async () => ({ acts: none, events: none });
    nowMs += MINUTE_MS;
    assert.deepEqual(await lines(), []);
  });

  it("are unknown while the database cannot be read, which is reported elsewhere", async () => {
    answer = async () => ({ acts: { count: 2, oldestAt: START_MS - 10 * MINUTE_MS }, events: none });
    assert.equal((await lines()).length, 1);
    nowMs += MINUTE_MS;
    answer = () => Promise.reject(new Error("connection refused"));
    assert.deepEqual([await lines(), await unpublished.counts()], [[], {}]);
  });
});
