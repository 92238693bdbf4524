/**
 * Effects for the `facts` message: shots, hits, healing, deaths. Actions of the own player are shown immediately. Those of others
 * are shown `INTERPOLATION_MS` later, when their bodies have reached that position on the screen. The kill feed is text, and
 * does not wait for a frame.
 */
import { METRE, rules } from "../../src/arena/rules.ts";
import { radians, roleRules } from "../arena.ts";
import type { KillFeed } from "../hud/KillFeed.ts";
import { PALETTE, WEAPON_COLOURS } from "../scene/palette.ts";
import type { Position, Scene } from "../scene/Scene.ts";
import { type ArenaState, findPlayer, isAlly } from "./matchState.ts";
import { INTERPOLATION_MS } from "./Prediction.ts";

/** Older effects are dropped. A hidden tab draws no frames, and its effects would all be drawn in the first frame after it. */
const LATE_MS = 1000;

interface AttackFact {
  readonly t: "attack";
  readonly attacker: string;
  readonly target: string | null;
  readonly weapon: string;
  readonly damage: number;
  readonly x: number;
  readonly y: number;
}

interface HealFact {
  readonly t: "heal";
  readonly healer: string;
  readonly target: string;
  readonly amount: number;
}

interface DeathFact {
  readonly t: "death";
  readonly victim: string;
  readonly killer: string;
  readonly weapon: string;
  readonly x: number;
  readonly y: number;
}

export type Fact = AttackFact | HealFact | DeathFact;

export class FactEffects {
  private readonly scene: Scene;
  private readonly feed: KillFeed;
  private readonly state: ArenaState;
  private readonly ownId: string;
  private waiting: { readonly fact: Fact; readonly dueMs: number }[] = [];

  constructor(scene: Scene, feed: KillFeed, state: ArenaState, ownId: string) {
    this.scene = scene;
    this.feed = feed;
    this.state = state;
    this.ownId = ownId;
  }

  /** `now`: ms, as given to `update`. */
  add(facts: readonly Fact[], now: number): void {
    this.waiting = this.waiting.filter(({ dueMs }) => dueMs > now - LATE_MS);
    for (const fact of facts) {
      const actor = fact.t === "attack" ? fact.attacker : fact.t === "heal" ? fact.healer : null;
      const own = actor !== null && findPlayer(this.state, actor)?.id === this.ownId;
      this.waiting.push({ fact, dueMs: own ? now : now + INTERPOLATION_MS });
      if (fact.t === "death") this.report(fact);
    }
  }

  /** Draws what is due. Call once per animation frame. */
  update(now: number): void {
    const due = this.waiting.filter(({ dueMs }) => dueMs <= now);
    if (due.length === 0) return;
    this.waiting = this.waiting.filter(({ dueMs }) => dueMs > now);
    for (const { fact, dueMs } of due) {
      if (dueMs <= now - LATE_MS) continue;
      if (fact.t === "attack") this.attack(fact);
      else if (fact.t === "heal") this.heal(fact);
      else if (fact.t === "death") this.death(fact);
    }
  }

  private attack(fact: AttackFact): void {
    const attacker = findPlayer(this.state, fact.attacker);
    const target = fact.target === null ? null : findPlayer(this.state, fact.target);
    const from = attacker === null ? null : this.scene.positionOf(attacker.id);
    const to = (target === null ? null : this.scene.positionOf(target.id)) ?? fact;
    if (attacker !== null && from !== null) this.weapon(fact, from, to, attacker.player.aim);
    else if (fact.weapon === "orb") this.burst(fact);
    if (target === null || fact.damage === 0) return;
    this.scene.hit(target.id);
    if (target.id === this.ownId) this.scene.effects.number(to.x, to.y, `−${fact.damage}`, PALETTE.hurt, 19);
    else if (attacker?.id === this.ownId) this.scene.effects.number(to.x, to.y, `−${fact.damage}`, PALETTE.ink, 19);
  }

  private weapon(fact: AttackFact, from: Position, to: Position, aim: number): void {
    const { effects } = this.scene;
    const colour = WEAPON_COLOURS[fact.weapon] ?? PALETTE.ink;
    if (fact.weapon === "bolt") {
      effects.streak(from.x, from.y, to.x, to.y, colour, 44, 170);
      effects.burst(to.x, to.y, fact.target === null ? 130 : 260, colour, 200);
    } else if (fact.weapon === "orb") this.burst(fact);
    else if (fact.weapon === "blade") {
      const { range, halfAngle } = roleRules(2).weapon;
      effects.sweep(from.x, from.y, radians(aim), radians(halfAngle), range + rules.bodyRadius, colour);
    } else if (fact.target !== null) effects.streak(from.x, from.y, to.x, to.y, colour, 70, 260);
    else {
      const angle = Math.atan2(to.y - from.y, to.x - from.x);
      const reach = 2 * METRE;
      effects.streak(
        from.x,
        from.y,
        from.x + Math.cos(angle) * reach,
        from.y + Math.sin(angle) * reach,
        colour,
        40,
        160,
      );
    }
  }

  private burst(at: Position): void {
    this.scene.effects.burst(at.x, at.y, rules.orb.burstRadius, PALETTE.orb, 380);
  }

  private heal(fact: HealFact): void {
    const target = findPlayer(this.state, fact.target);
    const to = target === null ? null : this.scene.positionOf(target.id);
    if (target === null || to === null) return;
    const healer = findPlayer(this.state, fact.healer);
    const from = healer === null ? null : this.scene.positionOf(healer.id);
    this.scene.effects.healing(to.x, to.y);
    if (from !== null && healer!.id !== target.id)
      this.scene.effects.streak(from.x, from.y, to.x, to.y, PALETTE.heal, 60, 320);
    if (target.id === this.ownId || healer?.id === this.ownId)
      this.scene.effects.number(to.x, to.y, `+${fact.amount}`, PALETTE.heal, 19);
  }

  private death(fact: DeathFact): void {
    const victim = findPlayer(this.state, fact.victim);
    const ally = victim !== null && isAlly(this.state.players.get(this.ownId), victim.player);
    this.scene.effects.death(fact.x, fact.y, ally ? PALETTE.ally : PALETTE.enemy, rules.respawnMs);
  }

  /** Adds a line to the kill feed. */
  private report(fact: DeathFact): void {
    const own = this.state.players.get(this.ownId);
    const victim = findPlayer(this.state, fact.victim);
    const killer = findPlayer(this.state, fact.killer);
    if (victim === null) return;
    const named = (found: NonNullable<typeof victim>) => ({ name: found.player.name, ally: isAlly(own, found.player) });
    const mine = victim.id === this.ownId || killer?.id === this.ownId;
    this.feed.add(killer === null ? null : named(killer), named(victim), fact.weapon, mine);
  }
}
