/** One match of any game: shows what the state contains, and sends one frame for each state that arrives. */
import type { InputHandle, Room } from "@colyseus/sdk";
import type { GameDescription } from "../../schema/gameList.ts";
import { element } from "../element.ts";
import { texts } from "../texts.ts";
import { Controls } from "./Controls.ts";
import { Field } from "./Field.ts";
import { type Fact, factLine, fieldList, namesIn, tableOf } from "./panels.ts";
import { bodiesOf, fieldsOf, tablesOf, type Values } from "./readState.ts";
import { TickRate } from "./TickRate.ts";

const FACTS_MAX = 12;
/** Tables are read by people. The picture is drawn with each animation frame. */
const TABLES_EVERY_MS = 150;

/** What the player joined. */
export interface Chosen {
  readonly game: GameDescription;
  readonly mode: string;
}

export class MatchView {
  readonly node: HTMLElement;
  private readonly room: Room;
  private readonly controls: Controls;
  private readonly input: InputHandle<any>;
  private readonly field = new Field();
  private readonly status = element("p", { class: "status", role: "status", "data-testid": "status" });
  private readonly facts = element("ol", { class: "facts", "data-testid": "facts" });
  private readonly tables = element("div", { class: "tables", "data-testid": "tables" });
  private readonly rate = new TickRate();
  private state: Values = {};
  private tablesAt = 0;
  private request = 0;

  /** `onLeave`: the player wants to leave. */
  constructor(room: Room, { game, mode }: Chosen, onLeave: () => void) {
    this.room = room;
    this.controls = new Controls(game.input);
    this.input = room.input({ mode: "reliable" });
    const leave = element("button", { type: "button", "data-testid": "leave", click: onLeave }, texts.neutral.leave);
    const title = element("h1", {}, texts.neutral.match(game.name, mode));
    const side = element(
      "div",
      { class: "side" },
      this.controls.node,
      element("h2", {}, texts.neutral.facts),
      this.facts,
    );
    this.node = element(
      "article",
      { class: "neutral", "data-testid": "match" },
      element("header", {}, title, this.status, leave),
      element("div", { class: "play" }, this.field.node, side),
      this.tables,
    );
    room.onMessage("facts", ({ tick, facts }: { tick: number; facts: readonly Fact[] }) => this.addFacts(tick, facts));
    room.onStateChange((state) => this.take(state));
    this.request = requestAnimationFrame((now) => this.draw(now));
  }

  /** Stops sending and drawing. The last state stays visible. */
  close(): void {
    cancelAnimationFrame(this.request);
    this.controls.close();
    this.showTables();
  }

  private take(state: { toJSON(): Values }): void {
    this.state = state.toJSON();
    this.rate.add(Number(this.state.tick), performance.now());
    document.body.dataset.phase = String(this.state.phase);
    if (!this.room.connection.isOpen || this.state.phase === "ended") return;
    Object.assign(this.input.data, this.controls.frame());
    this.input.send();
  }

  private addFacts(tick: number, facts: readonly Fact[]): void {
    const names = namesIn(tablesOf(this.state));
    for (const fact of facts) this.facts.prepend(factLine(tick, fact, names));
    while (this.facts.childElementCount > FACTS_MAX) this.facts.lastElementChild!.remove();
  }

  private draw(now: number): void {
    this.request = requestAnimationFrame((next) => this.draw(next));
    this.field.draw(bodiesOf(tablesOf(this.state), this.room.sessionId));
    if (now - this.tablesAt < TABLES_EVERY_MS) return;
    this.tablesAt = now;
    this.showTables();
  }

  private showTables(): void {
    const { state, room } = this;
    this.status.textContent = texts.neutral.status(String(state.phase), Number(state.tick), this.rate.perSecond());
    const tables = tablesOf(state).map((table) => tableOf(table, room.sessionId));
    this.tables.replaceChildren(...tables, fieldList(fieldsOf(state)));
  }
}
