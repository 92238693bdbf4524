/** Checks the event declarations of a game. */
import * as z from "zod";
import { packingOf } from "../events.ts";
import {
  CAMEL_NAME,
  isCamelName,
  isFrom,
  isLowerName,
  isObject,
  LOWER_NAME,
  notExpected,
  type Refuse,
  type Values,
} from "./refusal.ts";
import { FIELD_NAMES, MATCH_EVENT_NAMES, PUBLIC_TOPICS, TOPIC_NAMES } from "./takenNames.ts";

const VERSION_MAX = 1000;
const SHEDDING: readonly unknown[] = ["first", "second", "never"];
const EXAMPLE = '{ topic: "flag", shed: "never", toClients: true, fields: { player: seat() } }';

export function checkEvents(refuse: Refuse, events: unknown): void {
  if (!isObject(events))
    refuse("events", notExpected(events, "an object"), `set it as in events: { flag: ${EXAMPLE} }`);
  const topics = new Map<unknown, string>();
  for (const [name, event] of Object.entries(events)) {
    if (!isCamelName(name) || name in Object.prototype)
      refuse(`events, name ${JSON.stringify(name)}`, `expected ${CAMEL_NAME}`, "rename the event");
    const place = `events.${name}`;
    if (!isObject(event))
      refuse(place, notExpected(event, "the declaration of an event"), `write it as in ${name}: ${EXAMPLE}`);
    checkTopic(refuse, place, name, event);
    const other = topics.get(event.topic);
    if (other !== undefined && event.topic !== "match")
      refuse(
        `${place}.topic`,
        `events.${other} has the same topic ${JSON.stringify(event.topic)}`,
        "give each event a topic of its own; only match may have several",
      );
    topics.set(event.topic, name);
    checkEvent(refuse, place, event);
  }
}

function checkTopic(refuse: Refuse, place: string, name: string, { topic, shed }: Values): void {
  if (!isLowerName(topic))
    refuse(`${place}.topic`, notExpected(topic, LOWER_NAME), 'name a topic of your own, as in topic: "flag"');
  if (TOPIC_NAMES.includes(topic))
    refuse(
      `${place}.topic`,
      `${JSON.stringify(topic)} belongs to the platform, as do ${TOPIC_NAMES.join(", ")}`,
      "rename the topic",
    );
  if (!SHEDDING.includes(shed))
    refuse(
      `${place}.shed`,
      notExpected(shed, '"first", "second" or "never"'),
      'set "never" for events that must not be lost, "first" for frequent ones',
    );
  if (topic !== "match") return;
  if (MATCH_EVENT_NAMES.includes(name))
    refuse(
      place,
      `the platform has an event of this name in the topic match, as ${MATCH_EVENT_NAMES.join(", ")}`,
      "rename the event, or give it a topic of its own",
    );
  if (shed !== "never") refuse(`${place}.shed`, "events of the topic match are never shed", 'set shed to "never"');
}

function checkEvent(refuse: Refuse, place: string, event: Values): void {
  const { toClients, fields, retired } = event;
  if (typeof toClients !== "boolean" && !isObject(toClients))
    refuse(
      `${place}.toClients`,
      notExpected(toClients, 'true, false or { only: "player" }'),
      "set true if all clients receive the event, or name the field of those who do",
    );
  if (retired !== undefined && retired !== true)
    refuse(`${place}.retired`, notExpected(retired, "true"), "remove it from an event that the game still writes");
  if (!isObject(fields))
    refuse(`${place}.fields`, notExpected(fields, "an object"), "set it as in fields: { player: seat() }");
  for (const [field, schema] of Object.entries(fields)) checkField(refuse, `${place}.fields.${field}`, field, schema);
  if (isObject(toClients)) checkReceivers(refuse, place, event, fields);
  checkVersion(refuse, place, event);
}

/** Only players may be receivers. The live feed shows some topics to everyone. */
function checkReceivers(refuse: Refuse, place: string, { toClients, topic }: Values, fields: Values): void {
  const { only, ...rest } = toClients as Values;
  const isPlayers = (field: string) => packingOf(fields[field] as z.core.$ZodType).as.startsWith("seat");
  if (Object.keys(rest).length > 0 || typeof only !== "string" || !Object.hasOwn(fields, only) || !isPlayers(only))
    refuse(
      `${place}.toClients`,
      `${notExpected(only, "only: the name of a field with players")}, and nothing beside it`,
      `name a field that seat(), optionalSeat() or seats() created: ${Object.keys(fields).filter(isPlayers).join(", ") || "the event has none, so add one"}`,
    );
  if (PUBLIC_TOPICS.includes(topic))
    refuse(
      `${place}.topic`,
      `the live feed shows events of the topic ${JSON.stringify(topic)} to everyone`,
      "give what only some players may know another topic",
    );
}

function checkVersion(refuse: Refuse, place: string, { topic, version = 1, readers = {} }: Values): void {
  if (!isFrom(version, 1, VERSION_MAX))
    refuse(`${place}.version`, notExpected(version, "a whole number from 1"), "count versions from 1");
  if (topic === "match" && version !== 1)
    refuse(
      `${place}.version`,
      "events of the topic match have the platform's version",
      "declare the changed event under a new name, and set retired in the old one",
    );
  for (let old = 1; old < version; old++)
    if (!isObject(readers) || typeof readers[old] !== "function")
      refuse(
        `${place}.readers`,
        `version ${version} has no reader for version ${old}`,
        `add readers: { ${old}: (event) => event }, which converts an event of version ${old} to the next one`,
      );
}

function checkField(refuse: Refuse, place: string, field: string, schema: unknown): void {
  if (!isCamelName(field) || field in Object.prototype) refuse(place, `expected ${CAMEL_NAME}`, "rename the field");
  if (FIELD_NAMES.includes(field))
    refuse(place, "every event already has a field or column of this name", "rename the field");
  if (!isField(schema))
    refuse(
      place,
      notExpected(schema, "a field, to which only .default or .optional is added"),
      "create it with int(0, 100), seat(), optionalSeat(), seats() or name([…])",
    );
  if (schema instanceof z.ZodDefault && !z.safeParse(schema.unwrap(), schema.def.defaultValue).success)
    refuse(place, "has a default that the field itself does not accept", "correct the default, or the range");
}

function isField(schema: unknown): schema is z.core.$ZodType {
  try {
    packingOf(schema as z.core.$ZodType);
    return true;
  } catch {
    return false;
  }
}
