/** Each mistake in the declaration of a game is refused in one line that names the game, the place and the remedy. */
import assert from "node:assert/strict";
import { schema, t } from "@colyseus/schema";
import { arena } from "../../../src/arena/game.ts";
import { defineGame } from "../../../src/game/defineGame.ts";
import { int, name, seat, seats } from "../../../src/game/events.ts";
import { TagInput, TagPlayer, TagState, tag } from "../../tag/tag.ts";
import { refusalOf } from "./refusalOf.ts";

type Change = Readonly<Record<string, unknown>>;

const mode = tag.modes.pair;
const inMode = (change: Change): Change => ({ modes: { pair: { ...mode, ...change } } });
const event = { topic: "hit", shed: "never", toClients: false, fields: { by: seat() } };
const inEvent = (change: Change): Change => ({ events: { hit: { ...event, ...change } } });
const inField = (change: Change): Change => ({ inputFields: [{ name: "dx", min: -127, max: 127, ...change }] });
const field = (fields: Change): Change => inEvent({ fields: { by: seat(), ...fields } });
const inCommand = (change: Change): Change => ({ commands: { build: { fields: {}, ...change } } });
const many = (count: number, value: unknown): [string, unknown][] =>
  Array.from({ length: count }, (_, at) => [`name${at}`, value]);
const named = (member: string, value: unknown, place: string, problem: RegExp, remedy: RegExp): Mistake => [
  { [member]: value },
  place,
  problem,
  remedy,
];

/** A change of tag, the place that is named, what is wrong, and what to do. */
type Mistake = readonly [change: Change, place: string, problem: RegExp, remedy: RegExp];

const stateFields = { mode: t.string(), matchId: t.string(), rulesVersion: t.string(), phase: t.string() };
const playerFields = { playerId: t.string(), name: t.string(), team: t.uint8(), role: t.uint8() };
const otherPlayer = schema({ ...playerFields, bot: t.boolean() }, "OtherPlayer");
class NeedsArguments extends TagInput {
  constructor(given: { x: number }) {
    super();
    this.dx = given.x;
  }
}

const MISTAKES: readonly Mistake[] = [
  named("rules", undefined, "rules", /is nothing, expected an object/, /rules: \{ version: "1" \}/),
  named("rules", { version: 1 }, "rules.version", /is 1, expected a text of up to 4 numbers/, /version: "1"/),
  named("rules", { version: "v1" }, "rules.version", /is "v1", expected/, /version: "1.4.2"/),
  named("rules", { version: "1", at: [0, new Date(0)] }, "rules.at[1]", /is an object, expected JSON/, /only data/),
  named("rules", { version: "1", far: Infinity }, "rules.far", /is Infinity, expected JSON/, /keep only data/),
  named("roles", [], "roles", /is an array of length 0, expected an array of 1 to 255 names/, /roles: \["runner"\]/),
  named("roles", ["a", "a"], "roles[1]", /"a" is there twice/, /rename one/),
  named("maps", [], "maps", /is an array of length 0, expected an array of 1 to/, /maps: \["yard"\]/),
  named("maps", undefined, "maps", /is nothing/, /maps: \["yard"\]/),
  named("maps", ["yard", 5], "maps[1]", /is 5, expected a name/, /list them/),
  named("modes", {}, "modes", /is empty, expected at least one mode/, /add one/),
  named("modes", undefined, "modes", /is nothing, expected an object/, /modes: \{ duel/),
  named("modes", { pair: null }, "modes.pair", /is null, expected an object/, /modes: \{ duel/),
  named("modes", { "my mode": mode }, 'modes, name "my mode"', /expected a lower-case letter/, /rename the mode/),
  [inMode({ teams: undefined }), "modes.pair.teams", /is nothing, expected an array with one team/, /teams: \[0, 0/],
  [inMode({ teams: [] }), "modes.pair.teams", /an array of length 0/, /list the team/],
  [inMode({ teams: [0, 1.5] }), "modes.pair.teams[1]", /is 1.5, expected a whole number/, /from 0/],
  [inMode({ teams: [0, 2] }), "modes.pair.teams", /has no seat of team 1/, /without a gap/],
  [inMode({ waitMs: -5 }), "modes.pair.waitMs", /is -5, expected a whole number of ms from 0/, /waitMs: 5000/],
  [inMode({ waitMs: undefined }), "modes.pair.waitMs", /is nothing/, /waitMs: 5000/],
  [inMode({ ratedMinMs: -1 }), "modes.pair.ratedMinMs", /is -1, expected/, /remove it/],
  [inMode({ onLeave: "kick" }), "modes.pair.onLeave", /is "kick", expected "bot" or "end"/, /set "bot" if/],
  [inMode({ roleMax: [1, 1] }), "modes.pair.roleMax", /length 2, expected .* each of the 1 roles/, /any mix/],
  [inMode({ spectators: "all" }), "modes.pair.spectators", /is "all", expected "anyone", "invited" or/, /remove/],
  [inMode({ roleMax: [0] }), "modes.pair.roleMax[0]", /is 0, expected a whole number from 1/, /any mix/],
  [
    inMode({ maps: "yard" }),
    "modes.pair.maps",
    /is "yard", expected an array of 1 to 1 names/,
    /\["yard"\], or remove/,
  ],
  [inMode({ maps: [] }), "modes.pair.maps", /is an array of length 0/, /or remove it for all maps/],
  [inMode({ maps: ["moon"] }), "modes.pair.maps[0]", /is "moon", expected a map of the game: yard/, /add it to maps/],
  named("endReasons", "caught", "endReasons", /is "caught", expected an array of at most 100/, /\["captured"\]/),
  named("endReasons", ["all", ""], "endReasons[1]", /is "", expected a lower-case letter/, /name what happened/),
  named("endReasons", ["All caught"], "endReasons[0]", /expected a lower-case letter/, /endReasons: \["captured"\]/),
  named("endReasons", ["aborted"], "endReasons[0]", /"aborted" belongs to the platform/, /rename the reason/),
  named("endReasons", ["time"], "endReasons[0]", /every game has the reason "time"/, /remove it here/),
  named("endReasons", ["out", "out"], "endReasons[1]", /"out" is there twice/, /rename one/),
  named("State", undefined, "State", /is nothing, expected a schema class/, /schema\(\{ … \}, "Name"\)/),
  named("State", class {}, "State", /is a function, expected a schema class/, /extends Schema/),
  named("State", schema({ tick: t.uint32() }, "Short"), "State.phase", /is missing/, /add phase: t.string\(\)/),
  named(
    "State",
    schema({ ...stateFields, tick: t.uint8(), endsAtTick: t.uint32(), players: t.map(TagPlayer) }, "Small"),
    "State.tick",
    /has the type uint8, which is too small/,
    /t\.uint32\(\)/,
  ),
  named("PlayerState", 5, "PlayerState", /is 5, expected a schema class/, /schema\(/),
  named("PlayerState", schema(playerFields, "NoBot"), "PlayerState.bot", /is missing/, /add bot: t.boolean\(\)/),
  named(
    "PlayerState",
    schema({ ...playerFields, bot: t.string() }, "TextBot"),
    "PlayerState.bot",
    /has the type string, expected a flag/,
    /t\.boolean\(\)/,
  ),
  named("PlayerState", otherPlayer, "players", /is not declared in State as a map of PlayerState/, /t\.map/),
  named("players", undefined, "players", /is nothing, expected a function/, /\(state\) => state.players/),
  named("players", () => undefined, "players", /returned nothing for a new State/, /t\.map\(PlayerState\)/),
  named("players", () => [], "players", /returned an array of length 0/, /t\.map\(PlayerState\)/),
  named("players", (state: any) => state.no.one, "players", /threw TypeError: Cannot read/, /t\.map\(PlayerState\)/),
  named("players", () => new Map(), "players", /not declared in State/, /t\.map\(PlayerState\)/),
  named("Input", {}, "Input", /is an object, expected a schema class/, /schema\(/),
  named("Input", NeedsArguments, "Input", /new Input\(\) threw TypeError/, /without arguments/),
  named("Input", schema({ all: t.array("int8") }, "ListInput"), "Input.all", /several values/, /one field for each/),
  named("inputFields", null, "inputFields", /is null, expected an array/, /list the fields/),
  named("inputFields", [5], "inputFields[0]", /is 5, expected \{ name, min, max \}/, /name a field/),
  [inField({ name: "jump" }), "inputFields.jump", /Input has no field jump, only dx, dy/, /add it to the schema Input/],
  [inField({ name: "seat" }), "inputFields.seat", /recorded frame has a field of this name/, /rename/],
  [inField({ max: 128 }), "inputFields.dx.max", /is 128, expected .* -128 to 127, as int8/, /a wider type/],
  [inField({ min: undefined }), "inputFields.dx.min", /is nothing, expected a whole number/, /reduce/],
  [inField({ min: 1 }), "inputFields.dx", /has the range 1 to 127, expected one that includes 0/, /zeros/],
  [inField({ default: 128 }), "inputFields.dx.default", /is 128, expected .* from -127 to 127/, /older recordings/],
  named("inputFields", [...tag.inputFields, tag.inputFields[0]], "inputFields.dx", /is there twice/, /remove one/),
  named("events", [], "events", /is an array of length 0, expected an object/, /events: \{ flag/),
  named("events", { hit: null }, "events.hit", /is null, expected the declaration/, /topic: "flag"/),
  named("events", { constructor: event }, 'events, name "constructor"', /expected a lower-case/, /rename the event/),
  [inEvent({ topic: "Hit!" }), "events.hit.topic", /is "Hit!", expected a lower-case letter/, /topic: "flag"/],
  [inEvent({ topic: "queue" }), "events.hit.topic", /"queue" belongs to the platform/, /rename the topic/],
  [inEvent({ topic: "player" }), "events.hit.topic", /"player" belongs to the platform/, /rename the topic/],
  [inEvent({ topic: "match", shed: "first" }), "events.hit.shed", /topic match are never shed/, /set shed to "never"/],
  named("events", { joined: { ...event, topic: "match" } }, "events.joined", /has an event of this name/, /rename/),
  named("events", { hit: event, tap: event }, "events.tap.topic", /events.hit has the same topic "hit"/, /its own/),
  [inEvent({ shed: "often" }), "events.hit.shed", /is "often", expected "first"/, /must not be lost/],
  [inEvent({ toClients: undefined }), "events.hit.toClients", /is nothing, expected true, false or/, /set true/],
  [inEvent({ toClients: {} }), "events.hit.toClients", /is nothing, expected only: the name of a field/, /: by$/],
  [inEvent({ toClients: { only: "of" } }), "events.hit.toClients", /is "of", expected only: the name/, /: by$/],
  [inEvent({ toClients: { only: "by", to: 1 } }), "events.hit.toClients", /and nothing beside it/, /name a field/],
  [
    inEvent({ toClients: { only: "x" }, fields: { x: int(0, 1) } }),
    "events.hit.toClients",
    /is "x", expected only: the name of a field with players/,
    /the event has none, so add one/,
  ],
  [
    inEvent({ toClients: { only: "by" }, topic: "death" }),
    "events.hit.topic",
    /the live feed shows events of the topic "death" to everyone/,
    /another topic/,
  ],
  [inEvent({ retired: false }), "events.hit.retired", /is false, expected true/, /remove it/],
  [inEvent({ fields: null }), "events.hit.fields", /is null, expected an object/, /fields: \{ player/],
  [field({ tick: int(0, 1) }), "events.hit.fields.tick", /already has a field or column/, /rename the field/],
  [field({ i: int(0, 1) }), "events.hit.fields.i", /already has a field or column/, /rename the field/],
  [field({ my_x: int(0, 1) }), "events.hit.fields.my_x", /expected a lower-case letter/, /rename the field/],
  [field({ x: "int" }), "events.hit.fields.x", /is "int", expected a field/, /int\(0, 100\), seat\(\)/],
  [field({ x: null }), "events.hit.fields.x", /is null, expected a field/, /int\(0, 100\)/],
  [field({ x: int(0, 9).nullable() }), "events.hit.fields.x", /only \.default or \.optional/, /int\(0, 100\)/],
  [field({ x: int(0, 9).default(10) }), "events.hit.fields.x", /default that the field itself/, /correct the default/],
  [field({ x: name(["a"]).default("b" as "a") }), "events.hit.fields.x", /default that the field/, /correct/],
  [inEvent({ version: 0 }), "events.hit.version", /is 0, expected a whole number from 1/, /count versions/],
  [inEvent({ version: 2 }), "events.hit.readers", /version 2 has no reader for version 1/, /readers: \{ 1:/],
  [inEvent({ version: 2, readers: null }), "events.hit.readers", /no reader for version 1/, /readers: \{ 1:/],
  [inEvent({ version: 2, readers: { 1: 5 } }), "events.hit.readers", /no reader for version 1/, /readers: \{ 1:/],
  [inEvent({ topic: "match", version: 2 }), "events.hit.version", /have the platform's version/, /set retired/],
  named("commands", [], "commands", /is an array of length 0, expected an object/, /commands: \{ build: \{ fields/),
  named("commands", { build: null }, "commands.build", /has no fields, expected the declaration/, /\{ fields: \{ x/),
  named("commands", { build: { x: int(0, 9) } }, "commands.build", /has no fields/, /write it as in build: \{ fields/),
  named("commands", { Build: { fields: {} } }, 'commands, name "Build"', /expected a lower-case/, /rename/),
  named("commands", { facts: { fields: {} } }, "commands.facts", /has a message of this name, as facts/, /rename/),
  named("commands", Object.fromEntries(many(65, { fields: {} })), "commands", /has 65 commands, .* 64/, /join some/),
  [inCommand({ perSecond: 21 }), "commands.build.perSecond", /is 21, expected a whole number from 1 to 20/, /Input/],
  [inCommand({ perSecond: 0 }), "commands.build.perSecond", /is 0, expected a whole number from 1/, /Input/],
  [inCommand({ fields: { my_x: int(0, 1) } }), "commands.build.fields.my_x", /expected a lower-case/, /rename/],
  [inCommand({ fields: { x: "int" } }), "commands.build.fields.x", /is "int", expected a field/, /int\(0, 100\), name/],
  [inCommand({ fields: { x: seats() } }), "commands.build.fields.x", /is a field of seats/, /optionalSeat\(\)/],
  [inCommand({ fields: { x: int(0, 1).optional() } }), "commands.build.fields.x", /only \.default is added/, /int\(/],
  [inCommand({ fields: { x: int(0, 1).default(2) } }), "commands.build.fields.x", /default that the field/, /correct/],
  [inCommand({ fields: { x: seat().default("a") } }), "commands.build.fields.x", /has a default, but/, /optionalSeat/],
  [inCommand({ fields: Object.fromEntries(many(33, int(0, 1))) }), "commands.build.fields", /has 33 fields/, /remove/],
  named("joinOptions", 5, "joinOptions", /is 5, expected an object/, /joinOptions: \{ skin/),
  named("joinOptions", { skin: int(0, 1) }, "joinOptions.skin", /has no default, which bots/, /\.default\("red"\)/),
  named("joinOptions", { who: seat() }, "joinOptions.who", /is a field of seat/, /int\(0, 100\) or name/),
  named("joinOptions", { skin: int(0, 1).default(2) }, "joinOptions.skin", /default that the field itself/, /correct/),
  named("botId", "", "botId", /is "", expected the name and version of the bots/, /botId: "tag-1"/),
  named("observationLength", -1, "observationLength", /is -1, expected a whole number from 0/, /observe writes/),
];

const FUNCTIONS = Object.entries(tag).flatMap(([member, value]) =>
  typeof value === "function" && !/^[A-Z]/.test(member) ? [member] : [],
);

describe("the declaration of a game", () => {
  it("is returned if it is valid", () => {
    for (const game of [tag, arena]) assert.equal(defineGame(game as typeof tag), game);
    defineGame({ ...tag, inputFields: [] } as typeof tag);
    class Child extends TagState {}
    defineGame({ ...tag, State: Child } as typeof tag);
  });

  for (const [change, place, problem, remedy] of MISTAKES) {
    it(`is refused for ${place}: ${problem.source}`, () => {
      const refusal = refusalOf({ ...tag, ...change });
      assert.ok(refusal.message.startsWith(`tag, ${place}: `), refusal.message);
      assert.equal(refusal.place, place);
      assert.match(refusal.message, problem);
      assert.match(refusal.remedy, remedy);
    });
  }

  it("is refused for each member that is not a function", () => {
    assert.equal(FUNCTIONS.length, 14);
    for (const member of FUNCTIONS)
      for (const [value, shown] of [
        [undefined, "nothing"],
        ["fast", '"fast"'],
      ]) {
        const { message } = refusalOf({ ...tag, [member]: value });
        assert.ok(
          message.startsWith(`tag, ${member}: is ${shown}, expected a function; write it as in ${member}: (`),
          message,
        );
      }
  });

  it("is refused for its name", () => {
    for (const taken of ["queue", "party"]) {
      const { message } = refusalOf({ ...tag, name: taken });
      assert.match(message, /^game "(\w+)", name: the platform has a room of this name: queue, party .*; rename the/);
    }
    assert.match(refusalOf({ ...tag, name: "Tag Game" }).message, /^game "Tag Game", name: is "Tag Game", expected/);
    assert.match(refusalOf({ ...tag, name: 5 }).message, /^a game without a name, name: is 5, expected/);
    for (const value of [undefined, null, 1, "tag", [], () => {}])
      assert.match(refusalOf(value).message, /^a game, defineGame: is .*, expected an object; pass \{ name, rules/);
  });

  it("never fails in another way than by a refusal, whatever a member is", () => {
    for (const member of Object.keys(tag))
      for (const value of [
        undefined,
        null,
        0,
        -1,
        Number.NaN,
        "",
        true,
        10n,
        Symbol("x"),
        [],
        [null],
        {},
        () => null,
      ]) {
        try {
          defineGame({ ...tag, [member]: value } as typeof tag);
        } catch (error: any) {
          assert.equal(error.name, "GameFault", `${member}: ${error.stack}`);
        }
      }
  });
});
