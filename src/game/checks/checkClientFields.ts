/** Checks what a game lets players send: its commands, and its join options. */
import * as z from "zod";
import { COMMANDS_PER_SECOND_MAX } from "../commands.ts";
import { type Packing, packingOf } from "../events.ts";
import { CAMEL_NAME, isCamelName, isFrom, isObject, notExpected, type Refuse, type Values } from "./refusal.ts";
import { MESSAGE_NAMES } from "./takenNames.ts";

const COMMANDS_MAX = 64;
/** So that a message with all fields is not longer than a room accepts. */
const FIELDS_MAX = 32;
const EXAMPLE = '{ fields: { x: int(0, 99), what: name(["tower", "wall"]) } }';
const OPTION_EXAMPLE = 'joinOptions: { skin: name(["red", "blue"]).default("red") }';

export function checkCommands(refuse: Refuse, commands: unknown): void {
  if (commands === undefined) return;
  if (!isObject(commands))
    refuse("commands", notExpected(commands, "an object"), `set it as in commands: { build: ${EXAMPLE} }`);
  const names = Object.keys(commands);
  if (names.length > COMMANDS_MAX)
    refuse("commands", `has ${names.length} commands, expected at most ${COMMANDS_MAX}`, "join some of them in one");
  for (const [name, command] of Object.entries(commands)) checkCommand(refuse, name, command);
}

function checkCommand(refuse: Refuse, name: string, command: unknown): void {
  if (!isCamelName(name) || name in Object.prototype)
    refuse(`commands, name ${JSON.stringify(name)}`, `expected ${CAMEL_NAME}`, "rename the command");
  const place = `commands.${name}`;
  if (MESSAGE_NAMES.includes(name))
    refuse(place, `the platform has a message of this name, as ${MESSAGE_NAMES.join(", ")}`, "rename the command");
  if (!isObject(command) || !isObject(command.fields))
    refuse(place, "has no fields, expected the declaration of a command", `write it as in ${name}: ${EXAMPLE}`);
  const { fields, perSecond } = command;
  if (perSecond !== undefined && !isFrom(perSecond, 1, COMMANDS_PER_SECOND_MAX))
    refuse(
      `${place}.perSecond`,
      notExpected(perSecond, `a whole number from 1 to ${COMMANDS_PER_SECOND_MAX}`),
      "set how often a player may send it, or put what is sent in every tick into Input",
    );
  checkFields(refuse, `${place}.fields`, fields as Values, ["int", "name", "seat"]);
}

export function checkJoinOptions(refuse: Refuse, options: unknown): void {
  if (options === undefined) return;
  if (!isObject(options)) refuse("joinOptions", notExpected(options, "an object"), `set it as in ${OPTION_EXAMPLE}`);
  checkFields(refuse, "joinOptions", options, ["int", "name"]);
  for (const [field, schema] of Object.entries(options))
    if (!(schema instanceof z.ZodDefault))
      refuse(
        `joinOptions.${field}`,
        "has no default, which bots and players who choose nothing have",
        `add it, as in ${OPTION_EXAMPLE}`,
      );
}

function checkFields(refuse: Refuse, place: string, fields: Values, kinds: readonly Packing["as"][]): void {
  const count = Object.keys(fields).length;
  if (count > FIELDS_MAX) refuse(place, `has ${count} fields, expected at most ${FIELDS_MAX}`, "remove some");
  for (const [field, schema] of Object.entries(fields)) {
    const at = `${place}.${field}`;
    if (!isCamelName(field) || field in Object.prototype) refuse(at, `expected ${CAMEL_NAME}`, "rename the field");
    const kind = kindOf(schema);
    if (kind === null || !kinds.includes(kind))
      refuse(
        at,
        kind === null ? notExpected(schema, "a field, to which only .default is added") : `is a field of ${kind}`,
        `create it with ${kinds.includes("seat") ? "int(0, 100), name([…]), seat() or optionalSeat()" : "int(0, 100) or name([…])"}`,
      );
    if (schema instanceof z.ZodDefault && !z.safeParse(schema.unwrap(), schema.def.defaultValue).success)
      refuse(at, "has a default that the field itself does not accept", "correct the default, or the range");
    if (schema instanceof z.ZodDefault && kind === "seat")
      refuse(at, "has a default, but which players there are is known only in a match", "use optionalSeat()");
  }
}

/** Null if it is no field. */
function kindOf(schema: unknown): Packing["as"] | null {
  // The simulation reads every field, so that none may be absent.
  if (schema instanceof z.ZodOptional) return null;
  try {
    return packingOf(schema as z.core.$ZodType).as;
  } catch {
    return null;
  }
}
