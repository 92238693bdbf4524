/** A second, simple implementation of the contract: expands a room's record directly, without encoding it. */
import { type GameEvent, packingOf } from "../../../src/game/events.ts";
import type { TickRecord } from "../../../src/game/TickEvents.ts";
import type { MatchEvent } from "../../../src/pipeline/events/messages.ts";
import { events, type Fact } from "./fixtureGame.ts";

const list = Object.entries<GameEvent>(events);

export class NaiveExpansion {
  private readonly holders = new Map<number, string>();
  private readonly lastRows = new Map<number, string>();
  private readonly seats: number;

  constructor(seats: number) {
    this.seats = seats;
  }

  /** Returns the events by topic. */
  expand(record: TickRecord, facts: readonly Fact[] | null, dropped: readonly string[]): Map<string, MatchEvent[]> {
    for (const { seat, player } of record.seatChanges) if (player !== null) this.holders.set(seat, player);
    const kept = (facts ?? []).filter(({ kind }) => !dropped.includes(list[kind][1].shed));
    const all: [string, object][] = record.matchEvents.map((event) => ["logs_match", event]);
    for (const fact of kept) {
      const [kind, { topic }] = list[fact.kind];
      if (topic === "match") all.push(["logs_match", { kind, ...this.fields(fact) }]);
    }
    for (const fact of kept) {
      const [, { topic }] = list[fact.kind];
      if (topic !== "match") all.push([`logs_${topic}`, this.fields(fact)]);
    }
    for (const change of record.seatChanges) all.push(["logs_input", change]);
    for (const command of record.frames?.commands ?? []) all.push(["logs_input", { kind: "command", ...command }]);
    for (const frame of this.changedFrames(record)) all.push(["logs_input", frame]);
    if (record.hash !== null) all.push(["logs_input", { kind: "hash", hash: record.hash }]);

    const byTopic = new Map<string, MatchEvent[]>();
    all.forEach(([topic, event], i) => {
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), { i, ...event }]);
    });
    return byTopic;
  }

  private fields({ kind, words }: Fact): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    const rest = [...words];
    for (const [name, schema] of Object.entries(list[kind][1].fields)) {
      const packing = packingOf(schema);
      if (packing.as === "seats") {
        const bits = rest
          .splice(0, Math.ceil(this.seats / 32))
          .map((word) => (word >>> 0).toString(2).padStart(32, "0"));
        const line = bits.map((word) => [...word].reverse().join("")).join("");
        fields[name] = [...line.slice(0, this.seats)].flatMap((bit, seat) => (bit === "1" ? [this.holder(seat)] : []));
        continue;
      }
      const word = rest.shift()!;
      if (packing.as === "int") fields[name] = word;
      else if (packing.as === "name") fields[name] = packing.names[word];
      else fields[name] = word === -1 ? null : this.holder(word);
    }
    return fields;
  }

  private holder(seat: number): string {
    return this.holders.get(seat) ?? "nobody";
  }

  private changedFrames({ frames }: TickRecord): object[] {
    if (frames === null) return [];
    return Array.from({ length: this.seats }, (_, seat) => {
      const [moveX, buttons, rewindTicks] = frames.values.subarray(seat * 3, seat * 3 + 3);
      return { kind: "frame", seat, moveX, buttons, rewindTicks };
    }).filter((frame) => {
      const row = JSON.stringify(frame);
      const idle = JSON.stringify({ kind: "frame", seat: frame.seat, moveX: 0, buttons: 0, rewindTicks: 0 });
      const changed = row !== (this.lastRows.get(frame.seat) ?? idle);
      this.lastRows.set(frame.seat, row);
      return changed;
    });
  }
}
