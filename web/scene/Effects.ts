/**
 * Short effects: shots, swings, bursts, healing, deaths and floating numbers. Each effect is a node with a lifetime. Ages are
 * in ms, positions in subunits.
 */
import { Container, Graphics, Text } from "pixi.js";
import { MARKS } from "../marks.ts";
import type { Camera } from "./Camera.ts";
import { PALETTE } from "./palette.ts";

interface Effect {
  readonly node: Container;
  readonly lifeMs: number;
  ageMs: number;
  /** `share` runs from 0 to 1 over the effect's life. */
  readonly play: (share: number) => void;
}

interface Floating extends Effect {
  readonly x: number;
  readonly y: number;
}

/** Above the middle of a body, so that the number does not cover the name. */
const NUMBER_START_PX = 52;
const NUMBER_RISE_PX = 36;

export class Effects {
  /** In subunits, above the bodies. */
  readonly world = new Container();
  /** In subunits, beneath the bodies. */
  readonly ground = new Container();
  /** In CSS pixels, above everything. */
  readonly screen = new Container();
  private effects: Effect[] = [];
  private floating: Floating[] = [];

  update(camera: Camera, elapsedMs: number): void {
    this.effects = this.effects.filter((effect) => age(effect, elapsedMs));
    this.floating = this.floating.filter((number) => {
      if (!age(number, elapsedMs)) return false;
      const share = number.ageMs / number.lifeMs;
      number.node.position.set(
        camera.screenX(number.x),
        camera.screenY(number.y) - NUMBER_START_PX - share * NUMBER_RISE_PX,
      );
      return true;
    });
  }

  clear(): void {
    for (const { node } of [...this.effects, ...this.floating]) node.destroy({ children: true });
    this.effects = [];
    this.floating = [];
  }

  /** A straight flash between two points. */
  streak(x0: number, y0: number, x1: number, y1: number, colour: number, width: number, lifeMs: number): void {
    const line = new Graphics();
    line
      .moveTo(x0, y0)
      .lineTo(x1, y1)
      .stroke({ width: width * 2.6, color: colour, alpha: 0.25, cap: "round" });
    line.moveTo(x0, y0).lineTo(x1, y1).stroke({ width, color: colour, cap: "round" });
    this.add(this.world, line, lifeMs, (share) => {
      line.alpha = 1 - share;
    });
  }

  /** A filled ring that widens to `radius` and fades. */
  burst(x: number, y: number, radius: number, colour: number, lifeMs: number): void {
    const ring = new Graphics();
    ring
      .circle(0, 0, radius)
      .fill({ color: colour, alpha: 0.2 })
      .stroke({ width: radius * 0.09, color: colour });
    ring.position.set(x, y);
    this.add(this.world, ring, lifeMs, (share) => {
      ring.scale.set(0.25 + 0.75 * Math.sqrt(share));
      ring.alpha = 1 - share * share;
    });
  }

  /** A swept sector, `halfAngle` radians to each side of `aim`. */
  sweep(x: number, y: number, aim: number, halfAngle: number, range: number, colour: number): void {
    const sector = new Graphics();
    sector
      .moveTo(Math.cos(-halfAngle) * range, Math.sin(-halfAngle) * range)
      .arc(0, 0, range, -halfAngle, halfAngle)
      .arc(0, 0, range * 0.55, halfAngle, -halfAngle, true)
      .closePath()
      .fill({ color: colour, alpha: 0.55 });
    sector.position.set(x, y);
    this.add(this.world, sector, 180, (share) => {
      sector.rotation = aim + (share - 0.5) * 0.7;
      sector.alpha = 1 - share;
    });
  }

  /** Rising crosses around a healed body. */
  healing(x: number, y: number): void {
    const crosses = new Container();
    for (const [dx, dy, size] of [
      [-230, 60, 7],
      [210, -40, 9],
      [20, -220, 6],
    ]) {
      const cross = sign(MARKS.medic, PALETTE.heal, 4);
      cross.position.set(dx, dy);
      cross.scale.set(size);
      crosses.addChild(cross);
    }
    this.add(this.world, crosses, 650, (share) => {
      crosses.position.set(x, y - share * 340);
      crosses.alpha = 1 - share * share;
    });
  }

  /** A cross on the floor where a player died. */
  death(x: number, y: number, colour: number, lifeMs: number): void {
    const cross = sign(MARKS.death, colour, 0);
    cross.position.set(x, y);
    cross.scale.set(22);
    this.add(this.ground, cross, lifeMs, (share) => {
      cross.alpha = 0.75 * (1 - share ** 3);
    });
    this.burst(x, y, 620, colour, 420);
  }

  /** A number that rises and fades. */
  number(x: number, y: number, text: string, colour: number, size: number): void {
    const node = new Text({
      text,
      resolution: Math.max(2, devicePixelRatio),
      style: {
        fontFamily: "system-ui, 'DejaVu Sans', sans-serif",
        fontSize: size,
        fontWeight: "800",
        fill: colour,
        stroke: { color: PALETTE.outline, width: 5, join: "round" },
      },
    });
    node.anchor.set(0.5, 1);
    this.screen.addChild(node);
    this.floating.push({
      node,
      lifeMs: 850,
      ageMs: 0,
      x: x + (Math.random() - 0.5) * 260,
      y,
      play: (share) => {
        node.alpha = 1 - share ** 3;
      },
    });
  }

  private add(layer: Container, node: Container, lifeMs: number, play: (share: number) => void): void {
    layer.addChild(node);
    play(0);
    this.effects.push({ node, lifeMs, ageMs: 0, play });
  }
}

/** An icon centred on its origin, 24 units wide, with a dark outline of `outline` units. */
function sign(path: string, colour: number, outline: number): Graphics {
  const fill = `#${colour.toString(16).padStart(6, "0")}`;
  const stroke = outline === 0 ? "" : `stroke="#05070b" stroke-width="${outline}"`;
  const drawn = new Graphics().svg(`<svg viewBox="0 0 24 24"><path fill="${fill}" ${stroke} d="${path}"/></svg>`);
  drawn.pivot.set(12, 12);
  return drawn;
}

/** Ages an effect. Returns false and destroys the effect at the end of its lifetime. */
function age(effect: Effect, elapsedMs: number): boolean {
  effect.ageMs += elapsedMs;
  if (effect.ageMs >= effect.lifeMs) {
    effect.node.destroy({ children: true });
    return false;
  }
  effect.play(effect.ageMs / effect.lifeMs);
  return true;
}
