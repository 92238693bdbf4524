/** Checks the messages of players that a game declares. */
import {
  type GameMessage,
  MESSAGE_BURST_MAX,
  MESSAGES_PER_SECOND_MAX,
  messagePackingOf,
  TEXT_LENGTH_MAX,
} from "../messages.ts";
import { CAMEL_NAME, isCamelName, isFrom, isObject, notExpected, type Refuse, type Values } from "./refusal.ts";
import { MESSAGE_FIELD_NAMES, MESSAGE_NAMES } from "./takenNames.ts";

const MESSAGES_MAX = 32;
const FIELDS_MAX = 16;
const EXAMPLE = '{ fields: { text: text(200) }, to: "all" }';
const RECEIVERS: readonly unknown[] = ["all", "team"] satisfies GameMessage["to"][];

export function checkMessages(refuse: Refuse, { messages, commands }: Values): void {
  if (messages === undefined) return;
  if (!isObject(messages))
    refuse("messages", notExpected(messages, "an object"), `set it as in messages: { chat: ${EXAMPLE} }`);
  const count = Object.keys(messages).length;
  if (count > MESSAGES_MAX)
    refuse("messages", `has ${count} messages, expected at most ${MESSAGES_MAX}`, "tell them apart by a name field");
  for (const [name, message] of Object.entries(messages)) {
    const place = `messages.${name}`;
    if (!isCamelName(name) || name in Object.prototype)
      refuse(`messages, name ${JSON.stringify(name)}`, `expected ${CAMEL_NAME}`, "rename the message");
    if (MESSAGE_NAMES.includes(name))
      refuse(place, `the platform has a message of this name, as ${MESSAGE_NAMES.join(", ")}`, "rename the message");
    if (isObject(commands) && Object.hasOwn(commands, name))
      refuse(place, "the game has a command of this name", "rename one of the two");
    if (!isObject(message))
      refuse(place, notExpected(message, "the declaration of a message"), `write it as in ${name}: ${EXAMPLE}`);
    checkMessage(refuse, place, message);
  }
}

function checkMessage(refuse: Refuse, place: string, message: Values): void {
  const { fields, to, perSecond = 1, burst = 1 } = message;
  if (!RECEIVERS.includes(to))
    refuse(`${place}.to`, notExpected(to, '"all" or "team"'), 'set "team" if only the sender\'s team receives it');
  if (!isFrom(perSecond, 1, MESSAGES_PER_SECOND_MAX))
    refuse(
      `${place}.perSecond`,
      notExpected(perSecond, `a whole number from 1 to ${MESSAGES_PER_SECOND_MAX}`),
      "set how many of them a player may send per second, or remove it for 1",
    );
  if (!isFrom(burst, 1, MESSAGE_BURST_MAX))
    refuse(
      `${place}.burst`,
      notExpected(burst, `a whole number from 1 to ${MESSAGE_BURST_MAX}`),
      "set how many of them a player may send at once, or remove it for 5",
    );
  if (!isObject(fields))
    refuse(`${place}.fields`, notExpected(fields, "an object"), "set it as in fields: { text: text(200) }");
  checkFields(refuse, `${place}.fields`, fields);
}

function checkFields(refuse: Refuse, place: string, fields: Values): void {
  const entries = Object.entries(fields);
  if (entries.length > FIELDS_MAX)
    refuse(place, `has ${entries.length} fields, expected at most ${FIELDS_MAX}`, "remove some");
  let characters = 0;
  for (const [field, schema] of entries) {
    const at = `${place}.${field}`;
    if (!isCamelName(field) || field in Object.prototype) refuse(at, `expected ${CAMEL_NAME}`, "rename the field");
    if (MESSAGE_FIELD_NAMES.includes(field))
      refuse(at, "every message that clients receive already has a field of this name", "rename the field");
    const packing = messagePackingOf(schema);
    if (packing === null)
      refuse(
        at,
        notExpected(schema, "a field of a message, to which nothing is added"),
        "create it with text(200), int(0, 31) or name([…])",
      );
    if (packing.as === "text") characters += packing.max;
  }
  if (characters > TEXT_LENGTH_MAX)
    refuse(
      place,
      `has texts of up to ${characters} characters in all, expected at most ${TEXT_LENGTH_MAX}`,
      "shorten them",
    );
}
