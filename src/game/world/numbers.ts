/** The number types of a declared world. All are whole numbers in a typed array, so that every engine computes the same bits. */

export type NumberArray = Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** How a number is stored. Use the constants and `fixed` of this file; a type of your own is refused. */
export interface NumberType<A extends NumberArray = NumberArray> {
  /** As in errors: `i32`, `fixed(256)`. */
  readonly name: string;
  /** The typed array that stores it; also the name of its view in `GlobalViews`. */
  readonly stored: "i32" | "u32" | "i16" | "u16" | "i8" | "u8";
  readonly bytes: 1 | 2 | 4;
  /** Smallest and largest stored number, both inclusive. */
  readonly min: number;
  readonly max: number;
  /** What one stored unit is a part of: the debug view shows the stored number divided by it. 1 for plain whole numbers. */
  readonly scale: number;
  /** Returns the view of `length` numbers from byte `offset`. */
  view(buffer: ArrayBuffer, offset: number, length: number): A;
}

const made = new WeakSet<object>();

function numberType<A extends NumberArray>(
  stored: NumberType["stored"],
  ArrayType: { new (buffer: ArrayBuffer, offset: number, length: number): A; BYTES_PER_ELEMENT: number },
  name: string = stored,
  scale = 1,
): NumberType<A> {
  const bytes = ArrayType.BYTES_PER_ELEMENT as 1 | 2 | 4;
  const values = [0x100, 0x1_0000, 0, 0x1_0000_0000][bytes - 1];
  const min = stored.startsWith("i") ? -values / 2 : 0;
  const type: NumberType<A> = {
    ...{ name, stored, bytes, min, max: min + values - 1, scale },
    view: (buffer, offset, length) => new ArrayType(buffer, offset, length),
  };
  made.add(type);
  return type;
}

/** Whole numbers from −2,147,483,648 to 2,147,483,647. */
export const i32 = numberType("i32", Int32Array);
/** Whole numbers from 0 to 4,294,967,295. */
export const u32 = numberType("u32", Uint32Array);
/** Whole numbers from −32,768 to 32,767. */
export const i16 = numberType("i16", Int16Array);
/** Whole numbers from 0 to 65,535. */
export const u16 = numberType("u16", Uint16Array);
/** Whole numbers from −128 to 127. */
export const i8 = numberType("i8", Int8Array);
/** Whole numbers from 0 to 255. */
export const u8 = numberType("u8", Uint8Array);

/**
 * Fixed-point numbers: a field holds whole multiples of 1/`scale`, from −2^31 to 2^31 − 1 of them. The game computes with these
 * whole numbers; errors, the debug view and `firstDifference` show them divided by `scale`. `fixed(512)` for lengths of which
 * 512 make a metre. Throws if `scale` is not a whole number from 2 to 65,536.
 */
export function fixed(scale: number): NumberType<Int32Array> {
  if (!Number.isInteger(scale) || scale < 2 || scale > 65_536)
    throw new Error(`invalid scale ${scale} of a fixed-point type: expected a whole number from 2 to 65536`);
  return numberType("i32", Int32Array, `fixed(${scale})`, scale);
}

/** Whether `value` is one of the types of this file. */
export function isNumberType(value: unknown): value is NumberType {
  return typeof value === "object" && value !== null && made.has(value);
}
