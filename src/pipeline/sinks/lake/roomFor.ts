const SMALLEST = 64;

/** Returns the values, with room for at least `length` of them. */
export function roomFor(values: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= values.length) return values;
  const larger = new Int32Array(Math.max(length, 2 * values.length, SMALLEST));
  larger.set(values);
  return larger;
}
