/**
 * Drawing of one player: hull, aim, role, name and health. The hull is a disc for allies and a diamond for enemies; the own one
 * has a white ring.
 */
import { Container, Graphics, Text } from "pixi.js";
import { MARKS } from "../marks.ts";
import { ROLES } from "../roles.ts";
import { PALETTE } from "./palette.ts";

/** Hulls are drawn with this radius and scaled to that of the body. */
const HULL = 100;
const BAR_WIDTH = 46;
const BAR_HEIGHT = 6;
/** Health points per notch of the bar. */
const NOTCH_HP = 25;
const FLASH_MS = 140;
/** The lost part of a bar shrinks by 63 % in this time. */
const LOSS_MS = 220;
const TURN_MS = 45;

export interface BodyStyle {
  readonly own: boolean;
  readonly ally: boolean;
  readonly role: number;
  readonly name: string;
}

export class BodyView {
  readonly node = new Container();
  private readonly hull = new Container();
  private readonly pointer = new Graphics();
  private readonly flash = new Graphics();
  private readonly ring = new Graphics();
  private readonly bar = new Graphics();
  private readonly label: Text;
  private readonly colour: number;
  private readonly style: BodyStyle;
  private aim = Number.NaN;
  private shownHp = Number.NaN;
  private drawnBar = "";
  private flashLeftMs = 0;

  constructor(style: BodyStyle) {
    this.style = style;
    this.colour = style.ally ? PALETTE.ally : PALETTE.enemy;
    this.label = new Text({
      text: style.name,
      resolution: Math.max(2, devicePixelRatio),
      style: {
        fontFamily: "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
        fontSize: 13,
        fontWeight: "600",
        fill: PALETTE.ink,
        stroke: { color: PALETTE.outline, width: 4, join: "round" },
      },
    });
    this.label.anchor.set(0.5, 1);
    this.drawHull();
    this.node.addChild(this.hull, this.bar, this.label);
  }

  /** Starts a short white flash. */
  hit(): void {
    this.flashLeftMs = FLASH_MS;
  }

  /**
   * @param aim radians
   * @param radius CSS pixels
   * @param guarded whether the body has spawn protection
   */
  update(aim: number, hp: number, maxHp: number, guarded: boolean, radius: number, elapsedMs: number): void {
    if (Number.isNaN(this.aim)) this.aim = aim;
    const turn = Math.atan2(Math.sin(aim - this.aim), Math.cos(aim - this.aim));
    this.aim += this.style.own ? turn : turn * (1 - Math.exp(-elapsedMs / TURN_MS));
    this.pointer.rotation = this.aim;
    this.hull.scale.set(radius / HULL);
    this.flashLeftMs = Math.max(0, this.flashLeftMs - elapsedMs);
    this.flash.alpha = this.flashLeftMs / FLASH_MS;
    this.ring.visible = guarded;
    if (guarded) this.ring.rotation += elapsedMs / 600;
    if (Number.isNaN(this.shownHp) || hp > this.shownHp) this.shownHp = hp;
    this.shownHp += (hp - this.shownHp) * (1 - Math.exp(-elapsedMs / LOSS_MS));
    this.drawBar(hp, maxHp);
    this.bar.position.set(-BAR_WIDTH / 2, -radius - 16);
    this.label.position.set(0, -radius - 18);
  }

  destroy(): void {
    this.node.destroy({ children: true });
  }

  private drawHull(): void {
    const { own, ally, role } = this.style;
    const shape = (to: Graphics, radius: number): Graphics =>
      ally
        ? to.circle(0, 0, radius)
        : to.poly([0, -radius * 1.18, radius * 1.18, 0, 0, radius * 1.18, -radius * 1.18, 0]);
    const shadow = new Graphics().ellipse(14, 30, 108, 96).fill({ color: PALETTE.shadow, alpha: 0.5 });
    // The own hull has a ring around it, so its pointer is farther out.
    const base = own ? 118 : 70;
    this.pointer
      .poly([base, -66, base + 118, 0, base, 66])
      .fill(this.colour)
      .stroke({ width: 14, color: PALETTE.outline, join: "round" });
    const body = new Graphics();
    if (own) body.circle(0, 0, HULL * 1.32).stroke({ width: 13, color: PALETTE.ink });
    shape(body, HULL).fill(this.colour).stroke({ width: 16, color: PALETTE.outline, join: "round" });
    shape(this.flash, HULL).fill(PALETTE.ink);
    this.flash.alpha = 0;
    const sign = new Graphics().svg(
      `<svg viewBox="0 0 24 24"><path fill="#07121b" d="${MARKS[(ROLES[role] ?? ROLES[0]).mark]}"/></svg>`,
    );
    sign.pivot.set(12, 12);
    sign.scale.set(4.6);
    for (let i = 0; i < 8; i++) {
      const from = (i / 8) * 2 * Math.PI;
      this.ring
        .moveTo(Math.cos(from) * HULL * 1.62, Math.sin(from) * HULL * 1.62)
        .arc(0, 0, HULL * 1.62, from, from + Math.PI / 8);
    }
    this.ring.stroke({ width: 15, color: PALETTE.ink });
    this.hull.addChild(shadow, this.pointer, body, sign, this.flash, this.ring);
  }

  private drawBar(hp: number, maxHp: number): void {
    const wanted = `${hp} ${maxHp} ${Math.round(this.shownHp)}`;
    if (wanted === this.drawnBar) return;
    this.drawnBar = wanted;
    const width = (points: number): number => (BAR_WIDTH * points) / Math.max(1, maxHp);
    this.bar.clear();
    this.bar.roundRect(-2, -2, BAR_WIDTH + 4, BAR_HEIGHT + 4, 3).fill(PALETTE.outline);
    this.bar.rect(0, 0, width(this.shownHp), BAR_HEIGHT).fill(PALETTE.ink);
    this.bar.rect(0, 0, width(hp), BAR_HEIGHT).fill(this.colour);
    for (let at = NOTCH_HP; at < maxHp; at += NOTCH_HP)
      this.bar.rect(width(at) - 0.5, 0, 1, BAR_HEIGHT).fill(PALETTE.outline);
  }
}
