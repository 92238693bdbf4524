import assert from "node:assert/strict";
import { type Fact, FactEffects } from "../../web/play/factEffects.ts";

/** State of a duel, with what effects read of it. */
const duel = (): any => ({
  players: new Map([
    ["s1", { playerId: "ada", name: "Ada", team: 0, aim: 0 }],
    ["s2", { playerId: "bea", name: "Bea", team: 1, aim: 0 }],
  ]),
});

const shot: Fact = { t: "attack", attacker: "bea", target: "ada", weapon: "bolt", damage: 25, x: 0, y: 0 };
const death: Fact = { t: "death", victim: "ada", killer: "bea", weapon: "bolt", x: 0, y: 0 };

/** Effects on a scene that only counts what is drawn, with the lines of the kill feed. */
function counted() {
  const drawn: string[] = [];
  const lines: string[] = [];
  const draw = new Proxy({}, { get: (_, name) => () => drawn.push(String(name)) });
  const scene: any = { effects: draw, positionOf: () => ({ x: 0, y: 0 }), hit: () => drawn.push("hit") };
  const feed: any = { add: (_killer: unknown, victim: { name: string }) => lines.push(victim.name) };
  return { drawn, lines, effects: new FactEffects(scene, feed, duel(), "s1") };
}

describe("effects of facts", () => {
  it("are drawn when the bodies of others have reached that position on the screen", () => {
    const { drawn, effects } = counted();
    effects.add([shot], 1000);
    effects.update(1050);
    assert.deepEqual(drawn, []);
    effects.update(1100);
    assert.deepEqual(drawn, ["streak", "burst", "hit", "number"]);
    effects.update(1200);
    assert.equal(drawn.length, 4);
  });

  it("are dropped if they are older than a second, as after a time without frames", () => {
    const { drawn, effects } = counted();
    for (let now = 0; now < 60_000; now += 50) effects.add([shot], now);
    effects.update(60_000);
    // Facts of the last second, without those of the last 100 ms, for which it is too early.
    const shots = drawn.filter((name) => name === "streak").length;
    assert.ok(shots <= 20, `${shots} shots`);
    assert.ok(shots >= 18, `${shots} shots`);
  });

  it("do not pile up without frames", () => {
    const { drawn, effects } = counted();
    for (let now = 0; now < 60_000; now += 50) effects.add([shot], now);
    // Facts of the first minute that are still kept would be drawn at this time.
    effects.update(30_000);
    assert.deepEqual(drawn, []);
  });

  it("name every death in the kill feed, without waiting for a frame", () => {
    const { lines, effects } = counted();
    effects.add([death], 0);
    assert.deepEqual(lines, ["Ada"]);
  });
});
