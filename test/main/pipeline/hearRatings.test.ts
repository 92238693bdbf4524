import assert from "node:assert/strict";
import { hearRatings } from "../../../src/main/pipeline/hearRatings.ts";
import { ratingEntries } from "../../../src/pipeline/sinks/live/ownEntries.ts";
import { RingFeed } from "../../../src/pipeline/sinks/live/RingFeed.ts";

const changed = (matchId: string) => {
  const ratings = ["a", "b"].map((player) => ({ player, rating: 1500, change: 0 }));
  return ratingEntries({ game: "arena", matchId, mode: "duel", endedAt: 1, algorithm: "elo", ratings });
};

describe("hearRatings", () => {
  it("names each match whose ratings were committed once, until it is stopped", async () => {
    const feed = new RingFeed({ now: () => 1 });
    const heard: (readonly string[])[] = [];
    const stop = hearRatings(feed, (matchIds) => heard.push(matchIds));
    await new Promise(setImmediate);
    await feed.publish([...changed("one"), ...changed("two")]);
    await feed.publish([{ event: "stats", data: "{}" }]);
    await feed.publish(changed("three"));
    stop();
    await feed.publish(changed("four"));
    await new Promise(setImmediate);
    assert.deepEqual(heard, [["one", "two"], ["three"]]);
    await feed.close();
  });
});
