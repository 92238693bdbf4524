/** Checks the messages of matches, as read from the topics, against the contract. */
import assert from "node:assert/strict";
import type { TickValue } from "../../../src/pipeline/events/messages.ts";

export interface ReadMessage {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface CheckedMatch {
  readonly lastTick: number;
  /** The event `ended`; null if there is none. */
  readonly ended: Readonly<Record<string, any>> | null;
  readonly events: number;
}

export interface Checked {
  readonly matches: ReadonlyMap<string, CheckedMatch>;
  /** Number of repeated messages. */
  readonly repeats: number;
}

/**
 * Checks key and headers; that repeats equal the first message; that `seq` rises in each partition, except for repeats; that the
 * ticks and indices of each match have no gap; and that the counts of `ended` agree. Messages of one partition must be in the
 * order of the partition.
 */
export function checkMatches(messages: readonly ReadMessage[]): Checked {
  const byId = new Map<string, ReadMessage>();
  const lastNumber = new Map<string, number>();
  let repeats = 0;
  for (const message of messages) {
    const { topic, partition, key, headers, value } = message;
    const { matchId, tick } = JSON.parse(value) as TickValue;
    assert.equal(key, matchId);
    assert.equal(headers.id, `${matchId}:${tick}:${topic}`);
    const first = byId.get(headers.id);
    if (first !== undefined) {
      assert.equal(value, first.value);
      assert.equal(headers.seq, first.headers.seq);
      repeats++;
      continue;
    }
    byId.set(headers.id, message);
    const [outboxId, number] = headers.seq.split(":");
    const sequence = `${topic}/${partition}/${outboxId}`;
    assert(
      Number(number) > (lastNumber.get(sequence) ?? 0),
      `${headers.seq} after ${lastNumber.get(sequence)} in ${sequence}`,
    );
    lastNumber.set(sequence, Number(number));
  }
  const byMatch = Map.groupBy(byId.values(), ({ key }) => key);
  return { matches: new Map([...byMatch].map(([id, ofMatch]) => [id, checkMatch(ofMatch)])), repeats };
}

function checkMatch(messages: readonly ReadMessage[]): CheckedMatch {
  const indices = new Map<number, number[]>();
  const counts: Record<string, number> = {};
  let ended: Record<string, any> | null = null;
  for (const { topic, value } of messages) {
    const { tick, events } = JSON.parse(value) as TickValue;
    const ofTick = indices.get(tick) ?? [];
    indices.set(tick, ofTick);
    for (const event of events) {
      ofTick.push(event.i);
      counts[topic] = (counts[topic] ?? 0) + 1;
      if (topic === "logs_match" && event.kind === "ended") ended = { ...event, tick };
    }
  }
  for (const [tick, found] of indices) {
    const rising = found.toSorted((a, b) => a - b);
    assert.deepEqual(rising, [...rising.keys()], `indices of tick ${tick}`);
  }
  const lastTick = Math.max(...indices.keys());
  if (ended !== null) {
    assert.deepEqual(ended.counts, counts);
    assert.equal(ended.tick, lastTick);
  }
  return { lastTick, ended, events: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}
