/** Rooms go to the process that has the fewest, also while what the processes tell of themselves is a second old. */
import assert from "node:assert/strict";
import { RoomCounts } from "../../src/matchmaking/driver/RoomCounts.ts";

describe("how many rooms a process has", () => {
  let at = 0;
  const told = (...rooms: number[]) => rooms.map((roomCount, index) => ({ processId: `P${index}`, roomCount }));

  function give(counts: RoomCounts, rooms: ReturnType<typeof told>, times: number): number[] {
    const given = rooms.map(() => 0);
    for (let time = 0; time < times; time++) {
      const [{ processId }] = counts.byFewest(rooms);
      counts.addRoom(processId);
      given[Number(processId.slice(1))]++;
    }
    return given;
  }

  it("spreads a rush evenly over processes that have not told of it yet", () => {
    assert.deepEqual(give(new RoomCounts(() => at), told(0, 0, 0), 30), [10, 10, 10]);
  });

  it("fills the emptier ones first", () => {
    assert.deepEqual(give(new RoomCounts(() => at), told(9, 0, 3), 18), [1, 10, 7]);
  });

  it("counts a room once when its process tells of it, and none that never came", () => {
    const counts = new RoomCounts(() => at);
    assert.deepEqual(give(counts, told(0, 0), 8), [4, 4]);
    // The first tells of its four, the second of one: three are still to be told.
    assert.deepEqual(give(counts, told(4, 1), 2), [1, 1]);
    at += 2001;
    assert.deepEqual(give(counts, told(5, 1), 4), [0, 4]);
  });
});
