/**
 * Owns the wire form of a client's inputs on the server's side: which fields came, one after the other, each with its new value;
 * those that did not come keep theirs. As `@colyseus/schema/input` writes it, and reads it too, but into a schema object with
 * references and changes that an input of a few numbers has no use for.
 */
import { decode, Metadata } from "@colyseus/schema";
import type { Game } from "../../src/game/Game.ts";

/** What stands before a value: its field's number, and above it whether the value is the field's first or another. */
const REPLACE = 0x00;
const ADD = 0x80;
const FIELD_BITS = 0x3f;

type Read = (bytes: Uint8Array, it: { offset: number }) => unknown;

interface WireField {
  /** Place in `Game.inputFields`; −1 for a field that the rules do not read. */
  readonly index: number;
  readonly read: Read;
}

const known = new WeakMap<Game, readonly WireField[]>();

/** The fields of the game's inputs, by their number on the wire. Throws where one is no primitive. */
function wireFieldsOf(game: Game): readonly WireField[] {
  let fields = known.get(game);
  if (fields === undefined) {
    // In the order of their numbers, those of a class that it extends first. A class without fields has no metadata.
    const types: Record<string, keyof typeof decode> =
      Symbol.metadata in game.Input ? Metadata.getFields(game.Input) : {};
    fields = Object.entries(types).map(([name, type]) => {
      const read = decode[type] as Read | undefined;
      if (read === undefined) throw new Error(`the input field ${name} of ${game.name} is no primitive`);
      return { index: game.inputFields.findIndex((field) => field.name === name), read };
    });
    known.set(game, fields);
  }
  return fields;
}

export class InputReader {
  /** Values by `Game.inputFields`, as they came: unchecked, and never a number where there was none. */
  readonly latest: Float64Array;
  private readonly fields: readonly WireField[];
  private readonly it = { offset: 0 };

  constructor(game: Game) {
    this.fields = wireFieldsOf(game);
    this.latest = new Float64Array(game.inputFields.length);
  }

  /** Reads one input. What no stock client writes ends the reading; what came before it counts. */
  decode(bytes: Uint8Array): void {
    this.it.offset = 0;
    this.readUpTo(bytes, bytes.length);
  }

  /** Reads a packet of the last few inputs: the number of the first, then each with its length before it. `take` is told each. */
  decodeAll(bytes: Uint8Array, take: (input: unknown, seq: number) => void): number {
    const { it } = this;
    it.offset = 0;
    const first = decode.number(bytes, it);
    let count = 0;
    while (it.offset < bytes.length) {
      const end = Math.min(bytes.length, decode.number(bytes, it) + it.offset);
      if (!(end >= it.offset)) break;
      this.readUpTo(bytes, end);
      it.offset = end;
      take(this.latest, first + count++);
    }
    return count;
  }

  private readUpTo(bytes: Uint8Array, end: number): void {
    const { it, fields, latest } = this;
    while (it.offset < end) {
      const head = bytes[it.offset++];
      const operation = head & ~FIELD_BITS;
      const field = fields[head & FIELD_BITS];
      if (field === undefined || (operation !== ADD && operation !== REPLACE)) return;
      const value = Number(field.read(bytes, it));
      if (field.index >= 0) latest[field.index] = value;
    }
  }
}
