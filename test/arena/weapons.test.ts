import assert from "node:assert/strict";
import { damageAt } from "../../src/arena/damage.ts";
import { BUTTON_ATTACK, KNIGHT, MAGE, MEDIC, METRE, RANGER, rules, WEAPON_NAMES } from "../../src/arena/rules.ts";
import { ticksIn } from "../../src/game/kit/clock.ts";
import { aimAlong } from "../../src/game/kit/trig.ts";
import { changedRules, factsOfKind, input, type Match, playingMatch, put, step } from "./match.ts";

/** No critical hits, so that damage is predictable. */
const calm = changedRules((draft) => {
  draft.critPercent = 0;
});

/** A free area of the duel map, west of the centre block. The west side of that block is at −1.5 m. */
const X = 32768 - 4 * METRE;
const Y = 32768;

function duel(role: number, distance: number, options = {}): Match {
  const match = playingMatch({ rules: calm, roles: [role, RANGER], ...options });
  put(match.world, 0, X - distance, Y);
  put(match.world, 1, X, Y);
  return match;
}

function shoot({ world, frames }: Match, aim = 0): number[][] {
  input(frames, 0, { aim, buttons: BUTTON_ATTACK });
  step(world, frames);
  const facts = factsOfKind(world, "attack");
  input(frames, 0, { aim });
  return facts;
}

describe("weapons", () => {
  it("a bolt hits the first enemy on its line, and its fact has position and hp", () => {
    const match = duel(RANGER, 5 * METRE);
    const bolt = rules.roles[RANGER].weapon;
    assert.deepEqual(shoot(match), [[0, 1, RANGER, bolt.damage, 100 - bolt.damage, X, Y, 0]]);
  });

  it("a bolt that hits nobody is a miss that ends at the first wall", () => {
    const match = duel(RANGER, 5 * METRE);
    put(match.world, 1, X, Y + 5 * METRE);
    const [[attacker, target, weapon, damage, targetHp, x, y]] = shoot(match);
    assert.deepEqual([attacker, target, weapon, damage, targetHp, y], [0, -1, RANGER, 0, 0, Y]);
    assert.ok(Math.abs(x - (32768 - 1.5 * METRE)) <= 2, `ends at ${x}`);
  });

  for (const role of [RANGER, MEDIC, KNIGHT, MAGE]) {
    it(`a ${WEAPON_NAMES[role]} does not hit around the corner of a wall`, () => {
      const match = duel(role, METRE);
      const [cornerX, cornerY] = [32768 - 1.5 * METRE, 32768 + 2 * METRE];
      put(match.world, 0, cornerX - rules.bodyRadius - 1, cornerY - 400);
      put(match.world, 1, cornerX + 400, cornerY + rules.bodyRadius + 1);
      const aim = aimAlong(match.world.x[1] - match.world.x[0], match.world.y[1] - match.world.y[0]);
      let misses = 0;
      for (let i = 0; i < 40; i++) {
        for (const fact of shoot(match, aim)) {
          assert.equal(fact[1], -1);
          misses++;
        }
      }
      assert.ok(misses > 1);
      assert.equal(match.world.hp[1], 100);
    });
  }

  it("no weapon hits teammates", () => {
    for (const role of [RANGER, MAGE, KNIGHT, MEDIC]) {
      const { world, frames } = playingMatch({ mode: "squad", rules: calm, roles: [role, role, 0, 0, 0, 0, 0, 0] });
      put(world, 1, world.x[0] + METRE, world.y[0]);
      for (let i = 0; i < 60; i++) {
        input(frames, 0, { buttons: BUTTON_ATTACK });
        step(world, frames);
        for (const fact of factsOfKind(world, "attack")) assert.notEqual(fact[1], 1);
      }
      assert.equal(world.hp[1], world.maxHp[1]);
    }
  });

  it("damage falls linearly between the near and the far distance", () => {
    for (const { weapon } of rules.roles) {
      assert.equal(damageAt(weapon, 0), weapon.damage);
      assert.equal(damageAt(weapon, weapon.fallFrom), weapon.damage);
      assert.equal(damageAt(weapon, weapon.range), weapon.damageFar);
      const middle = damageAt(weapon, Math.trunc((weapon.fallFrom + weapon.range) / 2));
      assert.ok(Math.abs(middle - (weapon.damage + weapon.damageFar) / 2) <= 1);
    }
  });

  it("a weapon can be used again only after its cooldown, at every tick rate", () => {
    for (const tickRate of [10, 20, 30, 60]) {
      const match = duel(RANGER, 5 * METRE, { tickRate });
      const uses: number[] = [];
      for (let i = 0; i < tickRate * 3; i++) if (shoot(match).length > 0) uses.push(i);
      const cooldown = ticksIn(rules.roles[RANGER].weapon.cooldownMs, tickRate);
      assert.deepEqual(
        uses.slice(1, 4).map((at, i) => at - uses[i]),
        [cooldown, cooldown, cooldown],
      );
    }
  });

  it("a critical hit multiplies the damage", () => {
    const sharp = changedRules((draft) => {
      draft.critPercent = 100;
    });
    const [fact] = shoot(duel(RANGER, 5 * METRE, { rules: sharp }));
    assert.equal(fact[3], Math.trunc((rules.roles[RANGER].weapon.damage * rules.critDamagePercent) / 100));
  });

  it("critical hits are as frequent as the rules say", () => {
    const match = duel(RANGER, 5 * METRE, { rules });
    let crits = 0;
    for (let shots = 0; shots < 2000; ) {
      match.world.hp[1] = 100;
      for (const fact of shoot(match)) {
        shots++;
        if (fact[3] > rules.roles[RANGER].weapon.damage) crits++;
      }
      match.world.globals.phaseEnd = 1 << 30;
    }
    assert.ok(crits > 140 && crits < 260, `${crits} of 2000`);
  });

  it("a blade hits enemies within its cone, and nobody behind", () => {
    const front = duel(KNIGHT, 2 * METRE);
    assert.equal(shoot(front)[0][1], 1);
    const behind = duel(KNIGHT, 2 * METRE);
    assert.deepEqual(shoot(behind, 32768)[0].slice(0, 4), [0, -1, KNIGHT, 0]);
    const far = duel(KNIGHT, 4 * METRE);
    assert.equal(shoot(far)[0][1], -1);
  });

  it("a blade strikes everyone in its cone", () => {
    const { world, frames } = playingMatch({ mode: "squad", rules: calm, roles: [KNIGHT] });
    put(world, 4, world.x[0] + METRE, world.y[0] - 300);
    put(world, 5, world.x[0] + METRE, world.y[0] + 300);
    input(frames, 0, { buttons: BUTTON_ATTACK });
    step(world, frames);
    assert.deepEqual(
      factsOfKind(world, "attack").map((fact) => fact[1]),
      [4, 5],
    );
  });

  it("a beam picks the most central enemy", () => {
    const { world, frames } = playingMatch({ mode: "squad", rules: calm, roles: [MEDIC] });
    put(world, 4, world.x[0] + 2 * METRE, world.y[0] - 100);
    put(world, 5, world.x[0] + 3 * METRE, world.y[0]);
    input(frames, 0, { buttons: BUTTON_ATTACK });
    step(world, frames);
    assert.deepEqual(
      factsOfKind(world, "attack").map((fact) => fact[1]),
      [5],
    );
  });

  it("an orb flies, bursts at the first body, and emits its attack fact only then", () => {
    for (const tickRate of [10, 20, 30, 60]) {
      const match = duel(MAGE, 8 * METRE, { tickRate });
      assert.deepEqual(shoot(match), []);
      let ticks = 0;
      let facts: number[][] = [];
      while (facts.length === 0 && ticks++ < 2 * tickRate) {
        input(match.frames, 0, {});
        step(match.world, match.frames);
        facts = factsOfKind(match.world, "attack");
      }
      assert.deepEqual(facts[0].slice(0, 4), [0, 1, MAGE, rules.roles[MAGE].weapon.damage]);
      const path = 8 * METRE - rules.orb.radius - rules.bodyRadius;
      assert.equal(ticks, Math.ceil(path / match.world.tickRules.orbStride), `at ${tickRate} Hz`);
    }
  });

  it("the burst of an orb damages enemies near the struck body", () => {
    const { world, frames } = playingMatch({ mode: "squad", rules: calm, roles: [MAGE] });
    put(world, 4, world.x[0] + 3 * METRE, world.y[0]);
    put(world, 5, world.x[0] + 3 * METRE, world.y[0] + METRE);
    const facts: number[][] = [];
    for (let i = 0; i < 20; i++) {
      input(frames, 0, { buttons: i === 0 ? BUTTON_ATTACK : 0 });
      step(world, frames);
      facts.push(...factsOfKind(world, "attack"));
    }
    assert.deepEqual(
      facts.map((fact) => [fact[1], fact[3]]),
      [
        [4, rules.roles[MAGE].weapon.damage],
        [5, rules.orb.burstDamage],
      ],
    );
  });

  it("an orb that hits nobody emits one miss", () => {
    const match = duel(MAGE, 5 * METRE);
    put(match.world, 1, X, Y + 8 * METRE);
    const facts = shoot(match);
    for (let i = 0; i < 60; i++) {
      step(match.world, match.frames);
      facts.push(...factsOfKind(match.world, "attack"));
    }
    assert.equal(facts.length, 1);
    assert.equal(facts[0][1], -1);
  });

  it("a mage who respawns before its orbs burst never has more orbs than the world can store", () => {
    const { world, frames } = playingMatch({ roles: [MAGE, MAGE] });
    put(world, 1, 32768 + 12 * METRE, Y);
    for (let i = 0; i < 5; i++) {
      world.attackReadyTick.fill(0);
      for (const seat of [0, 1]) input(frames, seat, { aim: 16_384, buttons: BUTTON_ATTACK });
      step(world, frames);
    }
    assert.equal(world.orbTick.length, 4);
    assert.ok(world.orbTick.every((tick) => tick >= world.globals.tick - 2));
  });
});
