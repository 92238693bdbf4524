/**
 * Encodes the ticks of one match as records (`tickFormat.ts`). It remembers who holds each seat, each seat's last frame, and the
 * counts of recorded and dropped events. It runs on the game thread: no I/O, and no allocation in a tick without match events or
 * seat changes.
 */
import type { Shedding } from "../../game/events.ts";
import type { Facts } from "../../game/Facts.ts";
import type { Frames } from "../../game/Frames.ts";
import type { MatchIdentity, TickRecord } from "../../game/TickEvents.ts";
import type { SheddingLevel } from "../outbox/modes.ts";
import type { RecordBuffer } from "./RecordBuffer.ts";
import { INPUT_TOPIC_INDEX, layoutIdOf, MATCH_TOPIC_INDEX, type RecordLayout, wordsIn } from "./RecordLayout.ts";
import * as format from "./tickFormat.ts";
import { headOf, writeCounts, writeHead } from "./tickFormat.ts";
import { writeAborted } from "./writeAborted.ts";

const KIND_WIDTH = 3;
/** The shedding level from which an event is dropped; 0: never. */
const SHED_LEVELS: Readonly<Record<Shedding, number>> = { never: 0, first: 1, second: 2 };
const LEVELS: Readonly<Record<SheddingLevel, number>> = { nothing: 0, first: 1, firstAndSecond: 2 };

export class TickEncoder {
  private readonly buffer: RecordBuffer;
  private readonly match: MatchIdentity;
  private readonly layoutId: number;
  private readonly topics: readonly string[];
  /** For each kind of fact `KIND_WIDTH` numbers: its topic, its words, and the shedding level from which it is dropped (0: never). */
  private readonly kinds: Uint16Array;
  private readonly players: (string | null)[];
  private readonly lastFrames: Int32Array;
  private framesKnown = true;
  private head: Uint8Array;
  private readonly counts: Uint32Array;
  private readonly shed: Uint32Array;
  private readonly countsOfRecord: Uint32Array;
  private anyShed = false;
  private lastTick = -1;

  /** `buffer` may be shared by all encoders of a thread. Throws a `TypeError` if the match id is not a UUID. */
  constructor(match: MatchIdentity, layout: RecordLayout, buffer: RecordBuffer) {
    this.buffer = buffer;
    this.match = match;
    this.layoutId = layoutIdOf(layout);
    this.topics = layout.topics;
    this.kinds = Uint16Array.from(
      layout.events.flatMap((event) => [event.topic, wordsIn(event, match.seats), SHED_LEVELS[event.shed]]),
    );
    this.players = new Array<string | null>(match.seats).fill(null);
    this.lastFrames = new Int32Array(match.seats * layout.frame.length);
    this.counts = new Uint32Array(layout.topics.length);
    this.shed = new Uint32Array(layout.topics.length);
    this.countsOfRecord = new Uint32Array(layout.topics.length);
    this.head = this.encodeHead();
  }

  /** Writes the record into the buffer. Events that `shedding` drops are counted as shed and get no index. */
  encode(record: TickRecord, shedding: SheddingLevel): void {
    const { buffer, countsOfRecord } = this;
    if (record.seatChanges.length > 0) this.updatePlayers(record);
    for (let topic = 0; topic < countsOfRecord.length; topic++) countsOfRecord[topic] = 0;
    this.lastTick = record.tick;
    writeHead(buffer, this.head, flagsOf(record), record.tick, record.at);
    if (record.matchEvents.length > 0) this.putJson(record.matchEvents, MATCH_TOPIC_INDEX, record.matchEvents.length);
    if (record.setup !== null) this.putJson(record.setup, INPUT_TOPIC_INDEX, 1);
    if (hasInputs(record)) this.putInputs(record);
    if (record.facts !== null) this.putFacts(record.facts, shedding);
    if (record.frames !== null) this.putFrames(record.frames);
    if (record.hash !== null) {
      buffer.reserve(8);
      buffer.hash(record.hash);
      countsOfRecord[INPUT_TOPIC_INDEX]++;
    }
    this.putCounts();
  }

  /** Writes the record that ends the match if it can no longer end normally (`writeAborted`). */
  encodeAborted(at: number): void {
    const { head, lastTick, counts, shed } = this;
    writeAborted(this.buffer, { head, lastTick, counts, shed }, at);
  }

  /**
   * Call this if the latest record was not stored: its events then count as shed, and the next record contains every frame again.
   */
  countAsShed(): void {
    for (let topic = 0; topic < this.counts.length; topic++) {
      this.counts[topic] -= this.countsOfRecord[topic];
      this.shed[topic] += this.countsOfRecord[topic];
    }
    this.anyShed = true;
    this.repeatFrames();
  }

  /** Makes the next record contain every frame again. Call it if the frames of the last one are lost. */
  repeatFrames(): void {
    this.framesKnown = false;
  }

  /** Adds the events shed so far in the match to `sum`, by topic. */
  addShedTo(sum: Map<string, number>): void {
    for (let topic = 0; topic < this.shed.length; topic++) {
      if (this.shed[topic] > 0) sum.set(this.topics[topic], (sum.get(this.topics[topic]) ?? 0) + this.shed[topic]);
    }
  }

  /** Adds the events recorded so far in the match to `sum`, by topic. */
  addCountsTo(sum: Map<string, number>): void {
    for (let topic = 0; topic < this.counts.length; topic++) {
      if (this.counts[topic] > 0) sum.set(this.topics[topic], (sum.get(this.topics[topic]) ?? 0) + this.counts[topic]);
    }
  }

  private updatePlayers(record: TickRecord): void {
    // A seat that a player gave up keeps its last holder: a projectile that it fired may still hit.
    for (const { seat, player } of record.seatChanges) if (player !== null) this.players[seat] = player;
    this.head = this.encodeHead();
  }

  private encodeHead(): Uint8Array {
    const { match, layoutId, players } = this;
    return headOf({ matchId: match.matchId, roomId: match.roomId, mode: match.mode, layoutId, players });
  }

  private putJson(value: unknown, topic: number, events: number): void {
    this.buffer.text(JSON.stringify(value));
    this.countsOfRecord[topic] += events;
  }

  private putInputs({ seatChanges, frames }: TickRecord): void {
    const commands = frames?.commands ?? [];
    // Not the commands' own objects: events have a kind, and an order of fields.
    const events = commands.map(({ seat, name, data }) => ({ kind: "command", seat, name, data }));
    this.putJson([...seatChanges, ...events], INPUT_TOPIC_INDEX, seatChanges.length + commands.length);
  }

  private putFacts(facts: Facts, shedding: SheddingLevel): void {
    const { buffer, countsOfRecord, kinds } = this;
    const { words, length } = facts;
    const level = LEVELS[shedding];
    buffer.reserve(length * 5 + 1);
    for (let index = 0; index < length; ) {
      const kind = words[index++];
      const topic = kinds[kind * KIND_WIDTH];
      const end = index + kinds[kind * KIND_WIDTH + 1];
      const shedFrom = kinds[kind * KIND_WIDTH + 2];
      if (shedFrom !== 0 && shedFrom <= level) {
        this.shed[topic]++;
        this.anyShed = true;
      } else {
        countsOfRecord[topic]++;
        buffer.varint(kind + 1);
        buffer.signed(words, index, end);
      }
      index = end;
    }
    buffer.byte(0);
  }

  private putFrames(frames: Frames): void {
    const { buffer, lastFrames, framesKnown } = this;
    const { values, seats, width } = frames;
    buffer.reserve(seats * (width * 5 + 2) + 1);
    for (let seat = 0; seat < seats; seat++) {
      const from = seat * width;
      const end = from + width;
      let changed = !framesKnown;
      for (let index = from; index < end; index++) {
        if (values[index] === lastFrames[index]) continue;
        changed = true;
        lastFrames[index] = values[index];
      }
      if (!changed) continue;
      this.countsOfRecord[INPUT_TOPIC_INDEX]++;
      buffer.varint(seat + 1);
      buffer.signed(values, from, end);
    }
    buffer.byte(0);
    this.framesKnown = true;
  }

  private putCounts(): void {
    const { buffer, counts, countsOfRecord } = this;
    for (let topic = 0; topic < counts.length; topic++) counts[topic] += countsOfRecord[topic];
    writeCounts(buffer, counts);
    if (!this.anyShed) return;
    buffer.bytes[format.FLAGS_AT] |= format.SHED;
    writeCounts(buffer, this.shed);
  }
}

function hasInputs({ seatChanges, frames }: TickRecord): boolean {
  return seatChanges.length > 0 || (frames !== null && frames.commands.length > 0);
}

function flagsOf(record: TickRecord): number {
  let flags = 0;
  if (record.matchEvents.length > 0) flags |= format.MATCH_EVENTS;
  if (record.setup !== null) flags |= format.SETUP;
  if (hasInputs(record)) flags |= format.INPUTS;
  if (record.facts !== null) flags |= format.FACTS;
  if (record.frames !== null) flags |= format.FRAMES;
  if (record.hash !== null) flags |= format.HASH;
  for (const event of record.matchEvents) if (event.kind === "ended") flags |= format.ENDED;
  return flags;
}
