/** Each mistake that only short declarations can have is refused in one line that names the game, the place and the remedy. */
import assert from "node:assert/strict";
import { axis, defineGame, defineWorld, list, u8, u16 } from "../../../src/game/publicApi.ts";
import { tag } from "../../tag/tag.ts";
import { refusalOf } from "./refusalOf.ts";

type Change = Readonly<Record<string, unknown>>;
type Mistake = readonly [change: Change, place: string, problem: RegExp, remedy: RegExp];

const mode = { teams: [0, 1], waitMs: 0, onLeave: "bot", playMs: 1000 };
const small = {
  name: "small",
  rules: { version: "1" },
  modes: { duel: mode },
  input: { dx: axis },
  world: { globals: { round: u8 }, seats: { x: u16, score: u16 } },
  step() {},
};
const inMode = (change: Change): Change => ({ modes: { duel: { ...mode, ...change } } });
const inWorld = (change: Change): Change => ({ world: { ...small.world, ...change } });
const inSeats = (change: Change): Change => inWorld({ seats: { ...small.world.seats, ...change } });
const many = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`n${at}`, u8]));

const MISTAKES: readonly Mistake[] = [
  [{ createWorld() {} }, "createWorld", /is there beside world and input/, /remove it; or remove world/],
  [{ save() {} }, "save", /is there beside world/, /remove it/],
  [{ inputFields: [] }, "inputFields", /is there beside world and input/, /remove it/],
  [{ State: class {} }, "PlayerState", /is missing, but State is there/, /write all of State, PlayerState, players/],
  [{ step: undefined }, "step", /is nothing, expected a function/, /step: \(world, inputs\)/],
  [{ start: 5 }, "start", /is 5, expected a function/, /start: \(world, setup\)/],
  [{ think: "fast" }, "think", /is "fast", expected a function/, /think: \(world, seat, input\)/],
  [{ places: [] }, "places", /is an array of length 0, expected a function/, /placesByScore/],
  [{ places() {}, result() {} }, "places", /is there beside result/, /remove one of the two/],
  [{ rules: null }, "rules", /is null, expected an object/, /version: "1"/],
  [{ rules: { version: "1", modes: {} } }, "rules.modes", /belongs to the platform/, /rename it/],
  [{ input: undefined }, "input", /is nothing, expected an object/, /input: \{ dx: axis/],
  [{ input: { dx: 127 } }, "input.dx", /is 127, expected axis, button or range/, /jump: button/],
  [{ input: { dx: { min: 1, max: 5 } } }, "input.dx", /that include 0/, /a frame of zeros/],
  [{ input: { seat: axis } }, "input.seat", /recorded frame has a field of this name/, /rename the field/],
  [{ input: { "d x": axis } }, "input.d x", /expected a lower-case letter/, /rename the field/],
  [{ modes: { duel: null } }, "modes.duel", /is null, expected an object/, /modes: \{ duel/],
  [inMode({ playMs: undefined }), "modes.duel.playMs", /is nothing, expected a time from 1/, /playMs: 180_000/],
  [inMode({ countdownMs: -1 }), "modes.duel.countdownMs", /is -1, expected a time from 0/, /or remove it/],
  [inMode({ scoreLimit: 0 }), "modes.duel.scoreLimit", /is 0, expected a whole number from 1/, /or remove it/],
  [
    { ...inMode({ scoreLimit: 3 }), world: { seats: { x: u16 } }, places: () => [1, 2] },
    "modes.duel.scoreLimit",
    /needs seats.score in world/,
    /add score: u16/,
  ],
  [{ world: null }, "world", /is null, expected an object/, /declare the fields themselves/],
  [{ world: defineWorld(small.world) }, "world", /is a result of defineWorld/, /declare the fields themselves/],
  [{ world: {} }, "world", /declares no field/, /declare at least/],
  [{ world: { seat: {} } }, "world", /has no part "seat"/, /expected globals,seats,lists,pools/],
  [inSeats({ y: 5 }), "world", /seats.y is declared as 5/, /expected i32/],
  [{ world: { seats: { x: u16 } } }, "world.seats.score", /neither places nor result/, /add score: u16/],
  [inSeats({ holder: u8 }), "world.seats.holder", /the platform keeps in each world/, /remove or rename/],
  [inWorld({ globals: { tick: u16 } }), "world.globals.tick", /the platform keeps/, /remove or rename/],
  [inSeats({ team: u8 }), "world.seats.team", /clients receive from the platform/, /rename or hide it/],
  [inWorld({ lists: { players: list(u8, 2) } }), "world.lists.players", /from the platform/, /rename or hide it/],
  [inWorld({ lists: { round: list(u8, 2) } }), "world.lists.round", /the name of another field/, /hide one/],
  [{ hidden: "round" }, "hidden", /is "round", expected a list/, /hidden: \["deck"\]/],
  [{ hidden: ["deck"] }, "hidden[0]", /is "deck", expected the name of a field/, /use one of round, x, score/],
  [inSeats(many), "world.seats", /would receive 72 fields in one object, expected at most 64/, /name in hidden/],
  [inWorld({ globals: many }), "world", /would receive 73 fields/, /name in hidden/],
];

function assertRefused(game: unknown, name: string, [, place, problem, remedy]: Mistake): void {
  const refusal = refusalOf(game);
  assert.ok(refusal.message.startsWith(`${name}, ${place}: `), refusal.message);
  assert.equal(refusal.place, place);
  assert.match(refusal.message, problem);
  assert.match(refusal.remedy, remedy);
}

describe("the short declaration of a game", () => {
  it("is accepted if it is valid, also with hidden fields that have a name of the platform", () => {
    defineGame(small as any);
    defineGame({ ...small, ...inSeats({ team: u8 }), hidden: ["team"] } as any);
    defineGame({ ...small, ...inSeats(many), hidden: Object.keys(many) } as any);
  });

  for (const mistake of MISTAKES) {
    const [change, place, problem] = mistake;
    it(`is refused for ${place}: ${problem.source}`, () => assertRefused({ ...small, ...change }, "small", mistake));
  }

  it("is refused for what needs a declared world, or is declared in two ways", () => {
    const { name, rules, modes } = small;
    assertRefused({ name, rules, modes }, "small", [
      {},
      "world",
      /neither world nor createWorld/,
      /or write createWor/,
    ]);
    for (const member of ["hidden", "start", "places"])
      assertRefused({ ...tag, [member]: [] }, "tag", [{}, member, /no meaning without world/, /declare the world/]);
    assertRefused({ ...tag, input: { dx: axis } }, "tag", [{}, "input", /is there beside Input/, /remove one/]);
  });

  it("never fails in another way than by a refusal, whatever a member is", () => {
    for (const member of [
      ...Object.keys(small),
      "hidden",
      "start",
      "think",
      "places",
      "result",
      "roles",
      "maps",
      "events",
    ])
      for (const value of [undefined, null, 0, Number.NaN, "", true, 10n, Symbol("x"), [], [null], {}, () => null]) {
        try {
          defineGame({ ...small, [member]: value } as any);
        } catch (error: any) {
          assert.equal(error.name, "GameFault", `${member}: ${error.stack}`);
        }
      }
  });
});
