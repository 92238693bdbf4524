import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import {
  type EventSource,
  layoutIdOf,
  layoutName,
  layoutOf,
  withMatchVersions,
} from "../../../src/pipeline/events/RecordLayout.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickEncoder } from "../../../src/pipeline/events/TickEncoder.ts";
import { events, factsOf, fixture, identity, recordOf } from "./fixtureGame.ts";
import { messagesIn } from "./messagesIn.ts";

const raised: EventSource = {
  ...fixture,
  events: { ...events, fall: { ...events.fall, version: 2, readers: { 1: (event) => event } } },
};

describe("the layout of records", () => {
  it("is the same as in earlier builds while no version is raised", () => {
    assert.equal(layoutName(layoutIdOf(layoutOf(arena))), "layout-6da4edb2");
  });

  it("gives the messages the version of the build that recorded them", () => {
    for (const [game, version] of [
      [fixture, 1],
      [raised, 2],
    ] as const) {
      const layout = layoutOf(game);
      const buffer = new RecordBuffer(16);
      const tick = { facts: null, frames: null, seatChanges: [], left: null, hash: "00000000000000aa" };
      const facts = factsOf([{ kind: 3, words: [0, 1] }]);
      new TickEncoder(identity(2), layout, buffer).encode({ ...recordOf(2, 1, tick), facts }, "nothing");
      const decoder = new TickDecoder();
      decoder.add(layoutIdOf(layout), JSON.parse(JSON.stringify(layout)));
      const messages = messagesIn(decoder, buffer.bytes.subarray(0, buffer.length));
      assert.deepEqual(
        messages.map(({ topic, value }) => [topic, value.v]),
        [
          ["logs_input", 1],
          ["logs_fall", version],
        ],
      );
    }
  });

  it("has the versions of this build in a record that it adds to those of another build", () => {
    const layout = layoutOf(raised);
    assert.deepEqual(withMatchVersions({ ...layout, versions: { ...layout.versions, logs_match: 7 } }), layout);
    const plain = layoutOf(fixture);
    assert.equal(layoutIdOf(withMatchVersions({ ...plain, versions: { logs_match: 7 } })), layoutIdOf(plain));
  });
});
