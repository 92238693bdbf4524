/**
 * The overlay of a running match: score, clock, health, abilities, kill feed and connection figures. It only shows `HudModel`.
 * For touch, it also contains the pad for the thumbs.
 */
import { element, setText } from "../element.ts";
import { mark } from "../marks.ts";
import { ROLES } from "../roles.ts";
import { texts } from "../texts.ts";
import type { TouchPad } from "../touch/TouchPad.ts";
import { Ability } from "./Ability.ts";
import { KillFeed } from "./KillFeed.ts";
import { MiniMap } from "./MiniMap.ts";
import { type ScoreRow, scoreTable } from "./scoreTable.ts";

export interface HudModel {
  readonly role: number;
  readonly name: string;
  readonly hp: number;
  readonly maxHp: number;
  /** Shares of the cooldowns that are left; 0 when ready. */
  readonly attackCooling: number;
  readonly healCooling: number;
  readonly allyScore: number;
  readonly enemyScore: number;
  readonly clock: string;
  readonly goal: string;
  /** Large and small text in the middle of the screen; empty for none. */
  readonly headline: string;
  readonly subline: string;
  readonly pingText: string;
  readonly tickText: string;
  readonly scores: readonly ScoreRow[] | null;
}

const LOW_HEALTH = 0.3;

export class Hud {
  readonly feed = new KillFeed();
  readonly map = new MiniMap();
  private readonly root: HTMLElement;
  private readonly pad: TouchPad;
  private readonly ally = element("span", { "data-testid": "ally-score" });
  private readonly enemy = element("span", { "data-testid": "enemy-score" });
  private readonly clock = element("span", { "data-testid": "clock" });
  private readonly goal = element("small");
  private readonly who = element("span", { class: "who" });
  private readonly points = element("span", { "data-testid": "health" });
  private readonly fill = element("i");
  private readonly bar = element("div", { class: "bar" }, this.fill);
  private readonly roleMark = element("span", { class: "role ally" });
  private readonly attack = new Ability("attack", texts.hud.attack, texts.hud.attackKey);
  private readonly heal = new Ability("heal", texts.hud.heal, texts.hud.healKey);
  private readonly headline = element("div", { class: "big", "data-testid": "headline" });
  private readonly subline = element("div", { class: "small" });
  private readonly ping = element("span");
  private readonly tick = element("span", { class: "tick" });
  private readonly top: HTMLElement;
  private readonly scores: HTMLElement;
  private shownRole = -1;
  private showsScores = false;

  /** The buttons of the overlay, other than `leave`, are for touch. */
  constructor(root: HTMLElement, pad: TouchPad, leave: () => void) {
    this.root = root;
    this.pad = pad;
    pad.addHealButton(this.heal.node);
    const toggleScores = (): void => this.toggleScores();
    this.top = element(
      "button",
      {
        id: "top",
        class: "plate",
        type: "button",
        "aria-expanded": "false",
        click: toggleScores,
        "data-testid": "top",
      },
      element("span", { class: "side ally" }, mark("ally", texts.hud.ownScore), this.ally),
      element("span", { class: "clock" }, this.clock, this.goal),
      element("span", { class: "side enemy" }, this.enemy, mark("enemy", texts.hud.enemyScore)),
    );
    this.scores = element("div", {
      ...{ id: "scores", class: "plate", hidden: true, click: toggleScores, "data-testid": "scores" },
    });
    root.replaceChildren(
      pad.node,
      this.top,
      element("button", { id: "leave", type: "button", click: leave, "data-testid": "leave" }, texts.hud.leave),
      this.feed.node,
      element("div", { id: "middle", role: "status" }, this.headline, this.subline),
      element(
        "div",
        { id: "own", class: "plate" },
        this.roleMark,
        element("div", { class: "health" }, element("div", { class: "label" }, this.who, this.points), this.bar),
        this.attack.node,
        this.heal.node,
      ),
      element("div", { id: "net", class: "plate", "data-testid": "net" }, this.ping, this.tick),
      this.map.node,
      this.scores,
    );
    root.hidden = false;
  }

  /** Whether the player has opened the table of scores by the button. */
  get isShowingScores(): boolean {
    return this.showsScores;
  }

  update(model: HudModel): void {
    setText(this.ally, String(model.allyScore));
    setText(this.enemy, String(model.enemyScore));
    setText(this.clock, model.clock);
    setText(this.goal, model.goal);
    setText(this.headline, model.headline);
    setText(this.subline, model.subline);
    this.subline.hidden = model.subline === "";
    setText(this.ping, model.pingText);
    setText(this.tick, model.tickText);
    setText(this.who, model.name);
    setText(this.points, `${model.hp} / ${model.maxHp}`);
    const share = model.maxHp === 0 ? 0 : model.hp / model.maxHp;
    this.fill.style.transform = `scaleX(${share.toFixed(3)})`;
    this.bar.classList.toggle("low", share < LOW_HEALTH);
    this.attack.update(model.attackCooling);
    this.heal.update(model.healCooling);
    this.pad.showCooling(model.attackCooling);
    this.showRole(model.role);
    this.scores.hidden = model.scores === null;
    if (model.scores !== null) this.scores.replaceChildren(scoreTable(model.scores));
  }

  close(): void {
    this.root.replaceChildren();
    this.root.hidden = true;
  }

  private toggleScores(): void {
    this.showsScores = !this.showsScores;
    this.top.setAttribute("aria-expanded", String(this.showsScores));
    // A button with the focus would keep the keys of the match.
    this.top.blur();
  }

  private showRole(role: number): void {
    if (role === this.shownRole) return;
    this.shownRole = role;
    const { mark: name, weaponMark, title } = ROLES[role];
    this.roleMark.replaceChildren(mark(name, title));
    this.attack.setMark(weaponMark);
    this.heal.setMark("medic");
    this.pad.showWeapon(weaponMark);
  }
}
