import assert from "node:assert/strict";
import * as format from "../../../src/pipeline/events/tickFormat.ts";
import { RecordSender } from "../../../src/pipeline/relay/RecordSender.ts";
import type { Span } from "../../../src/platform/tracing/Tracer.ts";

const MATCH_ID = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b";

function recordOf(number: number, flags: number) {
  const bytes = Buffer.alloc(64);
  bytes[0] = format.TICK_RECORD;
  bytes[1] = flags;
  bytes.write(MATCH_ID, format.MATCH_ID_AT, "hex");
  return { number, appendedAt: 1, bytes };
}

describe("the spans of a relay", () => {
  it("are one for the end of a match, once the brokers have acknowledged it", async () => {
    const spans: Span[] = [];
    let held = new Map([["logs_match", 0]]);
    const sender = new RecordSender({
      drain: { acknowledged: 0, state: new Map() } as any,
      sender: {
        trySend: async () => held,
        partitionCounts: async (topics) => new Map(topics.map((topic) => [topic, 1])),
        isHeld: () => false,
      },
      acknowledger: { upTo: 0, add() {}, store: async () => {} } as any,
      tracer: { isOn: true, record: (span) => void spans.push(span), async stop() {} },
    });
    const message = { topic: "logs_match", key: MATCH_ID, headers: {}, value: "" };
    const send = (number: number, flags: number) =>
      sender.send({ records: [recordOf(number, flags)], messages: [[message]], upTo: number });
    await send(1, format.ENDED);
    assert.deepEqual(spans, []);
    held = new Map();
    sender.startReading();
    await send(1, format.ENDED);
    await send(2, 0);
    assert.deepEqual(
      spans.map(({ trace, name, kind }) => ({ trace, name, kind })),
      [{ trace: MATCH_ID, name: "send logs_match", kind: "producer" }],
    );
  });
});
