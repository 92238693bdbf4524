/**
 * The globals of a world as properties. Every world type has its own class with one accessor for each global, which knows its
 * index as a constant: reading `globals.tick` costs about as much as reading an element of a typed array.
 */
import { checkedView, checkValue } from "./checkedWrites.ts";
import type { Stretch } from "./layout.ts";
import type { NumberType } from "./numbers.ts";

/** Views of the whole buffer of a world, one for each size of number. */
class GlobalViews {
  readonly $i32: Int32Array;
  readonly $u32: Uint32Array;
  readonly $i16: Int16Array;
  readonly $u16: Uint16Array;
  readonly $i8: Int8Array;
  readonly $u8: Uint8Array;

  constructor(buffer: ArrayBuffer) {
    this.$i32 = new Int32Array(buffer);
    this.$u32 = new Uint32Array(buffer);
    this.$i16 = new Int16Array(buffer);
    this.$u16 = new Uint16Array(buffer);
    this.$i8 = new Int8Array(buffer);
    this.$u8 = new Uint8Array(buffer);
  }
}

interface Accessor {
  get(this: GlobalViews): number;
  set(this: GlobalViews, value: number): void;
}

/**
 * Accessors of the number at `at`. Each type has functions of its own, because an engine optimises a function that always reads
 * the same kind of array.
 */
const accessors: Readonly<Record<NumberType["stored"], (at: number) => Accessor>> = {
  i32: (at) => ({
    get() {
      return this.$i32[at];
    },
    set(value) {
      this.$i32[at] = value;
    },
  }),
  u32: (at) => ({
    get() {
      return this.$u32[at];
    },
    set(value) {
      this.$u32[at] = value;
    },
  }),
  i16: (at) => ({
    get() {
      return this.$i16[at];
    },
    set(value) {
      this.$i16[at] = value;
    },
  }),
  u16: (at) => ({
    get() {
      return this.$u16[at];
    },
    set(value) {
      this.$u16[at] = value;
    },
  }),
  i8: (at) => ({
    get() {
      return this.$i8[at];
    },
    set(value) {
      this.$i8[at] = value;
    },
  }),
  u8: (at) => ({
    get() {
      return this.$u8[at];
    },
    set(value) {
      this.$u8[at] = value;
    },
  }),
};

function accessorOf({ path, type, offset }: Stretch, isChecked: boolean): Accessor {
  const plain = accessors[type.stored](offset / type.bytes);
  if (!isChecked) return plain;
  return {
    get: plain.get,
    set(value) {
      checkValue(path, type, value);
      plain.set.call(this, value);
    },
  };
}

/** Creates the globals of the world in `buffer`. */
export type GlobalsFactory = (buffer: ArrayBuffer) => object;

/** Returns the factory for globals at `stretches`, by their names. */
export function globalsFactory(stretches: ReadonlyMap<string, Stretch>, isChecked: boolean): GlobalsFactory {
  class Globals extends GlobalViews {}
  for (const [name, stretch] of stretches) {
    if (stretch.single) Object.defineProperty(Globals.prototype, name, accessorOf(stretch, isChecked));
  }
  return (buffer) => {
    const globals = new Globals(buffer);
    for (const [name, stretch] of stretches) {
      if (stretch.single) continue;
      const view = stretch.type.view(buffer, stretch.offset, stretch.length);
      Object.defineProperty(globals, name, { value: isChecked ? checkedView(view, stretch) : view });
    }
    return globals;
  };
}
