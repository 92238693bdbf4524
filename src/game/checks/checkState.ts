/** Checks the synced state of a game: its fields that the platform writes, and the map of players. */
import { describeThrown, describeValue } from "../GameFault.ts";
import { isObject, type Refuse, type Values } from "./refusal.ts";
import { fieldsOf, newInstance } from "./schemaFields.ts";

type Kind = "text" | "number" | "flag";

const STATE_FIELDS: Readonly<Record<string, Kind>> = {
  ...{ tick: "number", phase: "text", mode: "text", matchId: "text", rulesVersion: "text", endsAtTick: "number" },
};
const PLAYER_FIELDS: Readonly<Record<string, Kind>> = {
  ...{ playerId: "text", name: "text", team: "number", role: "number", bot: "flag" },
};

/** Types that hold all values that the platform writes into a field of the kind, and the one to use. */
const TYPES: Readonly<Record<Kind, { readonly types: readonly unknown[]; readonly example: string }>> = {
  text: { types: ["string"], example: "t.string()" },
  flag: { types: ["boolean"], example: "t.boolean()" },
  number: {
    types: ["uint8", "uint16", "uint32", "uint64", "int16", "int32", "int64", "number", "float64"],
    example: "t.uint32()",
  },
};
/** Whole numbers that a tick reaches in minutes do not fit into these. */
const TOO_SMALL: readonly unknown[] = ["uint8", "int16"];

export function checkState(refuse: Refuse, game: Values): void {
  const fields = fieldsOf(refuse, "State", game.State);
  checkFields(refuse, "State", fields, STATE_FIELDS);
  for (const name of ["tick", "endsAtTick"])
    if (TOO_SMALL.includes(fields[name]))
      refuse(`State.${name}`, `has the type ${fields[name]}, which is too small for ticks`, "declare it as t.uint32()");
  checkFields(refuse, "PlayerState", fieldsOf(refuse, "PlayerState", game.PlayerState), PLAYER_FIELDS);
  newInstance(refuse, "PlayerState", game.PlayerState);
  checkPlayers(refuse, game, fields);
}

function checkFields(refuse: Refuse, place: string, fields: Values, needed: Readonly<Record<string, Kind>>): void {
  for (const [name, kind] of Object.entries(needed)) {
    const { types, example } = TYPES[kind];
    const remedy = `add ${name}: ${example} to the schema; the platform writes it`;
    if (!Object.hasOwn(fields, name)) refuse(`${place}.${name}`, "is missing", remedy);
    if (types.includes(fields[name])) continue;
    const declared = typeof fields[name] === "string" ? `the type ${fields[name]}` : "a type of several values";
    refuse(
      `${place}.${name}`,
      `has ${declared}, expected a ${kind}`,
      `declare it as ${example}; the platform writes it`,
    );
  }
}

function checkPlayers(refuse: Refuse, game: Values, fields: Values): void {
  const remedy = "declare players: t.map(PlayerState) in State, and players: (state) => state.players";
  const state = newInstance(refuse, "State", game.State) as Values;
  let players: unknown;
  try {
    players = (game.players as (state: unknown) => unknown)(state);
  } catch (error) {
    refuse("players", `threw ${describeThrown(error)} for a new State`, remedy);
  }
  const isMap = isObject(players) && ["get", "set", "delete"].every((name) => typeof players[name] === "function");
  if (!isMap)
    refuse("players", `returned ${describeValue(players)} for a new State, expected the map of players`, remedy);
  const [, type] = Object.entries(fields).find(([name]) => state[name] === players) ?? [];
  const entry = isObject(type) ? type.map : undefined;
  if (entry !== game.PlayerState)
    refuse("players", "returned a map that is not declared in State as a map of PlayerState", remedy);
}
