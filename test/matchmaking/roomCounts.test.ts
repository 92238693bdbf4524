import assert from "node:assert/strict";
import { RoomCounts } from "../../src/matchmaking/roomDriver/RoomCounts.ts";

describe("room counts", () => {
  let at = 0;
  const reported = (...rooms: number[]) => rooms.map((roomCount, index) => ({ processId: `P${index}`, roomCount }));

  function assignRooms(counts: RoomCounts, rooms: ReturnType<typeof reported>, times: number): number[] {
    const assigned = rooms.map(() => 0);
    for (let n = 0; n < times; n++) {
      const [{ processId }] = counts.byFewest(rooms);
      counts.addRoom(processId);
      assigned[Number(processId.slice(1))]++;
    }
    return assigned;
  }

  it("spread many rooms evenly over processes that have not reported them yet", () => {
    assert.deepEqual(assignRooms(new RoomCounts(() => at), reported(0, 0, 0), 30), [10, 10, 10]);
  });

  it("assign rooms to the processes with the fewest first", () => {
    assert.deepEqual(assignRooms(new RoomCounts(() => at), reported(9, 0, 3), 18), [1, 10, 7]);
  });

  it("count a reported room exactly once, and forget a room that was never reported", () => {
    const counts = new RoomCounts(() => at);
    assert.deepEqual(assignRooms(counts, reported(0, 0), 8), [4, 4]);
    // The first process reports its four rooms, the second only one: three are still unreported.
    assert.deepEqual(assignRooms(counts, reported(4, 1), 2), [1, 1]);
    at += 2001;
    assert.deepEqual(assignRooms(counts, reported(5, 1), 4), [0, 4]);
  });
});
