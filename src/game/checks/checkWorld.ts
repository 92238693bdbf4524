/** Checks the declared world of a game, and what of it clients receive. */
import { globalFields, seatFields } from "../declare/platformFields.ts";
import { PLAYER_NAMES, SCHEMA_FIELDS_MAX, STATE_NAMES } from "../declare/state.ts";
import { checkDeclaration } from "../world/checkDeclaration.ts";
import type { WorldDeclaration } from "../world/declaration.ts";
import { isObject, notExpected, type Refuse, type Values } from "./refusal.ts";

type Part = readonly [part: string, names: readonly string[], kept: object, shown: readonly string[]];

export function checkWorld(refuse: Refuse, game: Values): void {
  const { world } = game;
  if (!isObject(world) || "declaration" in world)
    refuse(
      "world",
      isObject(world) ? "is a result of defineWorld" : notExpected(world, "an object"),
      "declare the fields themselves, as in world: { seats: { x: i32, score: u16 } }",
    );
  try {
    checkDeclaration(world as WorldDeclaration);
  } catch (error) {
    const [what, ...rest] = (error as Error).message.split(": ");
    refuse("world", what, rest.join(": "));
  }
  const { globals = {}, seats = {}, lists = {}, pools = {} } = world as WorldDeclaration;
  const parts: readonly Part[] = [
    ["globals", Object.keys(globals), globalFields, STATE_NAMES],
    ["lists", Object.keys(lists), {}, STATE_NAMES],
    ["pools", Object.keys(pools), {}, STATE_NAMES],
    ["seats", Object.keys(seats), seatFields, PLAYER_NAMES],
  ];
  const hidden = checkHidden(
    refuse,
    game.hidden ?? [],
    parts.flatMap(([, names]) => names),
  );
  checkFields(refuse, parts, hidden);
  if (!("score" in seats || "result" in game || "places" in game))
    refuse(
      "world.seats.score",
      "is missing, and there is neither places nor result",
      "add score: u16 to the seats, which ranks the teams, or write places or result",
    );
}

function checkHidden(refuse: Refuse, hidden: unknown, names: readonly string[]): readonly string[] {
  if (!Array.isArray(hidden))
    refuse("hidden", notExpected(hidden, "a list of names of fields"), 'list them as in hidden: ["deck"]');
  for (const [at, name] of (hidden as unknown[]).entries())
    if (!names.includes(name as string))
      refuse(`hidden[${at}]`, notExpected(name, "the name of a field of world"), `use one of ${names.join(", ")}`);
  return hidden as readonly string[];
}

function checkFields(refuse: Refuse, parts: readonly Part[], hidden: readonly string[]): void {
  const inState = [...STATE_NAMES];
  for (const [part, names, kept, shown] of parts) {
    for (const name of names) {
      const place = `world.${part}.${name}`;
      if (name in kept) refuse(place, "is a field that the platform keeps in each world", "remove or rename it");
      if (hidden.includes(name)) continue;
      if (shown.includes(name))
        refuse(place, "has the name of a field that clients receive from the platform", "rename or hide it");
      if (part === "seats") continue;
      if (inState.includes(name))
        refuse(place, "has the name of another field that clients receive", "rename or hide one of the two");
      inState.push(name);
    }
    const count = PLAYER_NAMES.length + names.filter((name) => !hidden.includes(name)).length;
    if (part === "seats" && count > SCHEMA_FIELDS_MAX) refuseMany(refuse, "world.seats", count);
  }
  if (inState.length > SCHEMA_FIELDS_MAX) refuseMany(refuse, "world", inState.length);
}

function refuseMany(refuse: Refuse, place: string, count: number): never {
  return refuse(
    place,
    `clients would receive ${count} fields in one object, expected at most ${SCHEMA_FIELDS_MAX} with the platform's own`,
    "name in hidden those that clients do not need",
  );
}
