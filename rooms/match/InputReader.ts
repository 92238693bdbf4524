/**
 * Decodes a client's inputs. An input contains the changed fields, each with its number and new value; the other fields keep
 * their values. This is the format of `@colyseus/schema/input`. The decoder of that package is not used, because it builds a
 * schema object with change tracking, which a few numbers do not need.
 */
import { decode, Metadata } from "@colyseus/schema";
import type { Game } from "../../src/game/Game.ts";

/**
 * The byte before a value contains the number of the field in its low six bits, and in its other two bits whether the value is
 * added or replaced.
 */
const REPLACE = 0x00;
const ADD = 0x80;
const FIELD_BITS = 0x3f;

type Read = (bytes: Uint8Array, it: { offset: number }) => unknown;

interface WireField {
  /** Index in `Game.inputFields`; −1 for a field that the game does not read. */
  readonly index: number;
  readonly read: Read;
}

const fieldsByGame = new WeakMap<Game, readonly WireField[]>();

/** Returns the fields of the game's inputs, by their number on the wire. Throws if one is not a primitive. */
function wireFieldsOf(game: Game): readonly WireField[] {
  let fields = fieldsByGame.get(game);
  if (fields === undefined) {
    // In the order of their numbers; fields of a base class come first. A class without fields has no metadata.
    const types: Record<string, keyof typeof decode> =
      Symbol.metadata in game.Input ? Metadata.getFields(game.Input) : {};
    fields = Object.entries(types).map(([name, type]) => {
      const read = decode[type] as Read | undefined;
      if (read === undefined)
        throw new Error(`invalid input field "${name}" of game "${game.name}": expected a primitive type`);
      return { index: game.inputFields.findIndex((field) => field.name === name), read };
    });
    fieldsByGame.set(game, fields);
  }
  return fields;
}

export class InputReader {
  /** Values in the order of `Game.inputFields`, as received: not clamped, and NaN for a value that is not a number. */
  readonly latest: Float64Array;
  private readonly fields: readonly WireField[];
  private readonly it = { offset: 0 };

  constructor(game: Game) {
    this.fields = wireFieldsOf(game);
    this.latest = new Float64Array(game.inputFields.length);
  }

  /** Reads one input. Stops at the first byte that the SDK never writes; the fields before it are used. */
  decode(bytes: Uint8Array): void {
    this.it.offset = 0;
    this.readUpTo(bytes, bytes.length);
  }

  /**
   * Reads a packet of the last few inputs: the number of the first one, then the length and bytes of each. Calls `take` for each
   * input, and returns the number of inputs.
   */
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
