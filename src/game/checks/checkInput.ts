/** Checks the input of a game: the fields that are read must be in the schema, with ranges that their types hold. */
import { CAMEL_NAME, isCamelName, isFrom, isObject, isText, notExpected, type Refuse, type Values } from "./refusal.ts";
import { fieldsOf, newInstance } from "./schemaFields.ts";
import { FIELD_NAMES, FRAME_FIELD_NAMES } from "./takenNames.ts";

const INT32 = [-0x80000000, 0x7fffffff] as const;
/** Least and greatest number of each type. Frames hold 32 bits with sign, whatever the type. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  ...{ int8: [-0x80, 0x7f], uint8: [0, 0xff], int16: [-0x8000, 0x7fff], uint16: [0, 0xffff], boolean: [0, 1] },
  ...{ int32: INT32, int64: INT32, float32: [-0x1000000, 0x1000000], float64: INT32, number: INT32 },
  ...{ uint32: [0, INT32[1]], uint64: [0, INT32[1]] },
};

export function checkInput(refuse: Refuse, { Input, inputFields }: Values): void {
  const types = fieldsOf(refuse, "Input", Input);
  newInstance(refuse, "Input", Input);
  for (const [name, type] of Object.entries(types))
    if (typeof type !== "string")
      refuse(`Input.${name}`, "has a type of several values, expected one number", "declare one field for each number");
  if (!Array.isArray(inputFields))
    refuse(
      "inputFields",
      notExpected(inputFields, "an array"),
      'list the fields of Input, as in inputFields: [{ name: "dx", min: -127, max: 127 }]',
    );
  const names = new Set<string>();
  for (const [at, field] of (inputFields as unknown[]).entries()) {
    const name = checkName(refuse, `inputFields[${at}]`, field, names);
    const place = `inputFields.${name}`;
    if (!Object.hasOwn(types, name))
      refuse(
        place,
        `Input has no field ${name}, only ${Object.keys(types).join(", ") || "none at all"}`,
        "add it to the schema Input, or remove it here",
      );
    checkRange(refuse, place, field as Values, String(types[name]));
  }
}

/** Checks a declaration of the input: `{ dx: axis, jump: button }`. */
export function checkInputRanges(refuse: Refuse, input: unknown): void {
  if (!isObject(input))
    refuse("input", notExpected(input, "an object"), "declare it as in input: { dx: axis, dy: axis, jump: button }");
  for (const [name, range] of Object.entries(input)) {
    const place = `input.${name}`;
    if (!isCamelName(name) || name in Object.prototype) refuse(place, `expected ${CAMEL_NAME}`, "rename the field");
    if ([...FIELD_NAMES, ...FRAME_FIELD_NAMES].includes(name))
      refuse(place, "every recorded frame has a field of this name", "rename the field");
    if (!isObject(range) || !isFrom(range.min, INT32[0], 0) || !isFrom(range.max, 0, INT32[1]))
      refuse(
        place,
        `${notExpected(range, "axis, button or range(min, max) of whole numbers of 32 bits that include 0")}`,
        "correct it, as in jump: button; a player who sends nothing has a frame of zeros",
      );
  }
}

function checkName(refuse: Refuse, place: string, field: unknown, names: Set<string>): string {
  if (!isObject(field) || !isText(field.name))
    refuse(place, `${notExpected(field, "{ name, min, max }")}`, "name a field of Input and its range");
  const { name } = field;
  if (!isCamelName(name)) refuse(`inputFields.${name}`, `expected ${CAMEL_NAME}`, "rename the field, also in Input");
  if ([...FIELD_NAMES, ...FRAME_FIELD_NAMES].includes(name))
    refuse(`inputFields.${name}`, "every recorded frame has a field of this name", "rename the field, also in Input");
  if (names.has(name)) refuse(`inputFields.${name}`, "is there twice", "remove one of the two");
  names.add(name);
  return name;
}

function checkRange(refuse: Refuse, place: string, field: Values, type: string): void {
  const range = RANGES[type];
  if (range === undefined)
    refuse(place, `Input declares it as ${type}, expected a number`, "declare it as t.int8() or a wider number");
  const [least, greatest] = range;
  for (const limit of ["min", "max"])
    if (!isFrom(field[limit], least, greatest))
      refuse(
        `${place}.${limit}`,
        notExpected(field[limit], `a whole number from ${least} to ${greatest}, as ${type} in Input holds`),
        "reduce the range, or declare a wider type in Input",
      );
  const [min, max] = [field.min, field.max] as number[];
  if (!isFrom(0, min, max))
    refuse(
      place,
      `has the range ${min} to ${max}, expected one that includes 0`,
      "include 0, because a player who sends nothing has a frame of zeros",
    );
  if (field.default !== undefined && !isFrom(field.default, min, max))
    refuse(
      `${place}.default`,
      notExpected(field.default, `a whole number from ${min} to ${max}`),
      "set the value that older recordings are read with, or remove it",
    );
}
