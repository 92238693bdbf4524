/** `npm run check:game`: each kind of mistake ends in one line that names game, place, remedy and how to repeat it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkGameCommand } from "../../../src/main/commands/checkGameCommand.ts";
import { UsageError } from "../../../src/platform/commandLine/CommandUsage.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const tagModule = path.join(root, "test/tag/games.ts");

describe("npm run check:game", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  let files = 0;
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: string[]) {
    const printed = { out: "", err: "" };
    const code = await checkGameCommand(args, {
      out: (text) => void (printed.out += text),
      err: (text) => void (printed.err += text),
    });
    // Progress is no mistake.
    const mistakes = printed.err.split("\n").filter((line) => line !== "" && !/ of \d+ matches$/.test(line));
    return { code, out: printed.out, mistakes };
  }

  /** A module with tag that was changed by `change`, the source of an object. */
  function moduleWith(change: string): string {
    const file = path.join(folder, `game${files++}.ts`);
    const source = [
      `import { tag } from ${JSON.stringify(path.join(root, "test/tag/tag.ts"))};`,
      `import { defineWorld } from ${JSON.stringify(path.join(root, "src/game/world/defineWorld.ts"))};`,
      `import { u16 } from ${JSON.stringify(path.join(root, "src/game/world/numbers.ts"))};`,
      "const kind = defineWorld({ globals: { tick: u16 }, seats: { x: u16 } });",
      "const hidden = { count: 0 };",
      `export const games = [{ ...tag, ...${change} }];`,
    ];
    writeFileSync(file, source.join("\n"));
    return file;
  }

  it("accepts tag, and says what it has played", async () => {
    const { code, out, mistakes } = await run(tagModule, "--matches", "200");
    assert.deepEqual([code, mistakes], [0, []]);
    assert.match(out, /^tag: no mistake in 200 matches with \d{4,} ticks\n$/);
  });

  it("accepts the arena", async () => {
    const { code, mistakes } = await run(path.join(root, "src/main/games.ts"), "--matches", "40");
    assert.deepEqual([code, mistakes], [0, []]);
  });

  const cases: readonly [kind: string, change: string, line: RegExp][] = [
    ["a declaration", "{ think: 1 }", /^tag, think: is 1, expected a function; write it as in think: /],
    [
      "a random step",
      "{ step: (world, frames) => { tag.step(world, frames); world.words[9] += Math.random() < 2 ? 1 : 0; } }",
      /^tag, step at tick 1: called Math\.random \(game\d+\.ts:6\), expected a function .*; use generator/,
    ],
    [
      "a step that depends on more than the world",
      "{ step: (world, frames) => { tag.step(world, frames); world.words[4] = hidden.count++ % 9; } }",
      /^tag, step at tick \d+: two steps from the same world with the same frames differ in byte \d+ of what save/,
    ],
    [
      "state that is not saved and matters later",
      `{ step: (world, frames) => {
          tag.step(world, frames);
          world.age = (world.age ?? 0) + 1;
          if (world.age % 3 === 0) world.words[9] = world.age;
        } }`,
      /^tag, step at tick \d+: (the world and its copy, loaded at tick \d+,|two steps from the same world) with the same frames differ/,
    ],
    [
      "a value beyond its field",
      "{ project: (world, state, seats) => { tag.project(world, state, seats); seats.forEach((one) => one && (one.x = 70000)); } }",
      /^tag, project at tick \d+, field players\["seat:\d"\]\.x: is 70000, expected .* 0 to 65535, as uint16 holds; clamp it/,
    ],
    [
      "a fact beyond its declaration",
      "{ createWorld: (rules, setup, emit) => tag.createWorld(rules, setup, { tag: (fact) => emit.tag({ ...fact, x: 1001 }) }) }",
      /^tag, emit\.tag, field x: got 1001, expected a whole number from 0 to 1000; write such a value/,
    ],
    [
      "a value beyond its field of a declared world",
      `{
        ...{ createWorld: kind.create, save: kind.save, load: kind.load, hash: kind.hash, think: () => {}, project: () => {} },
        step: (world) => { world.globals.tick++; world.seats.x[1] = 70_000; },
        result: ({ teams }) => ({
          standings: teams.map((team, seat) => ({ seat, team, place: 1, score: 0, kills: 0, deaths: 0 })),
          teamScores: teams.map(() => 0),
        }),
        status: ({ globals }) => ({ tick: globals.tick, phase: "waiting", endsAtTick: 0, endReason: null }),
      }`,
      /^tag, step at tick 1: threw RangeError: seats\.x\[1\]: 70000 was written, expected u16, whole numbers from 0 to 65535/,
    ],
    [
      "a result",
      "{ result: (world) => ({ ...tag.result(world), teamScores: [0.5, 0, 0, 0].slice(0, world.seats) }) }",
      /^tag, result at tick \d+: teamScores\[0\] is 0\.5, expected a whole number .*; round it/,
    ],
  ];
  for (const [kind, change, line] of cases)
    it(`names ${kind}`, async () => {
      const file = moduleWith(change);
      const { code, mistakes } = await run(file, "--matches", "100");
      assert.equal(code, 1);
      assert.match(mistakes[0].replace(/^cannot load \S+: /, ""), line);
      const [, again] = /; repeat it with npm run check:game -- (.*)$/.exec(mistakes[0]) ?? [];
      if (kind === "a declaration") return;
      const repeated = (await run(...again.split(" "))).mistakes[0];
      // A game that depends on more than the world differs again, but not with the same values.
      const [first, second] = [mistakes[0], repeated].map((mistake) => mistake.replace(/: \d+ and \d+;/, ";"));
      assert.equal(second, first);
    });

  it("shows one mistake once, with its first match, and gives up after many", async () => {
    const step = "{ step: (world, frames) => { tag.step(world, frames); throw new Error('oops'); } }";
    const { mistakes, out } = await run(moduleWith(step), "--matches", "50");
    assert.equal(mistakes.length, 1);
    assert.match(mistakes[0], /^tag, step at tick 1: threw Error: oops; .*; mode \w+, map yard; repeat it with /);
    assert.match(out, /^tag: one mistake in 50 matches/);
  });

  it("shows file and line of a syntax error", async () => {
    const file = path.join(folder, "broken.ts");
    writeFileSync(file, "export const games = [];\nconst = 1;\n");
    const { code, mistakes } = await run(file);
    assert.equal(code, 1);
    assert.equal(mistakes.length, 1);
    assert.match(mistakes[0], /SyntaxError: .*\(.*broken\.ts:2\)$/);
  });

  for (const args of [[], ["none.ts"], [tagModule, "x"], [tagModule, "--matches", "0"], [tagModule, "--mode", "duel"]])
    it(`refuses the arguments ${JSON.stringify(args.map((one) => path.basename(one)))}`, () =>
      assert.rejects(run(...args), UsageError));
});
