const SMALLEST = 256;

/** Returns the values, with room for at least `length` of them. @param least room to make if there is too little */
export function roomFor(values: Int32Array<ArrayBuffer>, length: number, least = SMALLEST): Int32Array<ArrayBuffer> {
  if (length <= values.length) return values;
  const larger = new Int32Array(Math.max(length, 2 * values.length, least));
  larger.set(values);
  return larger;
}
