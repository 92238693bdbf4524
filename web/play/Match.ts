/**
 * One match, from joining to its result. Each animation frame sends the input and draws the state with prediction. A hidden tab
 * draws no frames, so the phase and the result follow the state. The result is reported once. There is one instance per room.
 */
import type { Room } from "@colyseus/sdk";
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { geometryFor, radians } from "../arena.ts";
import { Hud } from "../hud/Hud.ts";
import type { Outcome } from "../menu/result.ts";
import { endOf, type RoomEnd } from "../net/connection.ts";
import type { Position, Scene } from "../scene/Scene.ts";
import { autoTarget } from "../touch/autoTarget.ts";
import { TouchPad } from "../touch/TouchPad.ts";
import { Controls } from "./Controls.ts";
import { type Fact, FactEffects } from "./factEffects.ts";
import { hudModel } from "./hudModel.ts";
import { type ArenaState, isAlly, type PlayerState } from "./matchState.ts";
import { outcomeOf } from "./outcome.ts";
import { Prediction } from "./Prediction.ts";

/** The overlay is text and does not have to change with every frame. */
const HUD_EVERY_MS = 90;
/** The world stays visible for a moment after the end of the match. */
const RESULT_DELAY_MS = 1200;
/** Ticks by which an orb may be drawn ahead of the last patch. */
const ORB_LEAD_TICKS_MAX = 3;

interface MatchOptions {
  /** Whether the queue found the match. */
  readonly isRanked: boolean;
  onPhase(phase: string): void;
  onEnd(outcome: Outcome): void;
  /** The connection was lost; the SDK is reconnecting. */
  onConnectionLost(): void;
  onReconnected(): void;
  /** The player wants to leave. */
  onLeave(): void;
  /** The server ended the connection before there was a result. */
  onClosed(code: number, reason: string): void;
}

export class Match {
  private readonly room: Room<any, ArenaState>;
  private readonly scene: Scene;
  private readonly options: MatchOptions;
  private readonly hud: Hud;
  private readonly controls: Controls;
  private effects: FactEffects | null = null;
  private prediction: Prediction | null = null;
  private geometry: MapGeometry | null = null;
  private connected = true;
  private over = false;
  private phase = "";
  /** The tick at which the time of the match runs out; the state has it only while the match is played. */
  private deadlineTick = 0;
  private lastFrame = 0;
  private lastHud = 0;
  private frameRequest = 0;
  private outcome: Outcome | null = null;
  private resultTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: Room<any, ArenaState>, scene: Scene, hudRoot: HTMLElement, options: MatchOptions) {
    this.room = room;
    this.scene = scene;
    this.options = options;
    const pad = new TouchPad();
    this.hud = new Hud(hudRoot, pad, () => options.onLeave());
    this.controls = new Controls(scene.surface, pad);
    room.onMessage("facts", (message: { facts: Fact[] }) => this.effects?.add(message.facts, performance.now()));
    room.onDrop(() => {
      this.connected = false;
      if (!this.over && this.outcome === null) options.onConnectionLost();
    });
    room.onReconnect(() => {
      this.connected = true;
      if (this.over) void room.leave();
      else options.onReconnected();
    });
    room.onLeave((code, reason) => this.handleEnd({ code, reason: reason ?? "" }));
    const end = endOf(room);
    if (end !== null) queueMicrotask(() => this.handleEnd(end));
    room.onStateChange(() => this.followPhase());
    this.followPhase();
    this.frameRequest = requestAnimationFrame((now) => this.frame(now));
  }

  private handleEnd({ code, reason }: RoomEnd): void {
    this.connected = false;
    if (this.over) return;
    if (this.outcome === null) this.options.onClosed(code, reason);
    else this.options.onEnd(this.outcome);
  }

  /** Screen positions of all living players, in CSS pixels. Tests use them to aim. */
  view(): readonly { id: string; own: boolean; ally: boolean; x: number; y: number }[] {
    const seen: { id: string; own: boolean; ally: boolean; x: number; y: number }[] = [];
    const own = this.own();
    this.room.state?.players?.forEach((player, id) => {
      const position = this.scene.positionOf(id);
      if (position === null || !player.alive) return;
      seen.push({ id, own: player === own, ally: isAlly(own, player), ...this.scene.onPage(position) });
    });
    return seen;
  }

  /** Leaves the room and releases all resources. A room whose connection is down is left after it has reconnected. */
  close(): void {
    this.over = true;
    this.room.reconnection.enabled = false;
    if (this.connected) void this.room.leave();
    cancelAnimationFrame(this.frameRequest);
    clearTimeout(this.resultTimer);
    this.controls.close();
    this.hud.close();
    this.prediction?.close();
  }

  private own(): PlayerState | undefined {
    return this.room.state?.players?.get(this.room.sessionId);
  }

  private frame(now: number): void {
    this.frameRequest = requestAnimationFrame((next) => this.frame(next));
    const elapsedMs = Math.min(100, now - (this.lastFrame || now));
    this.lastFrame = now;
    const own = this.own();
    if (own === undefined || this.room.state.map === "") return;
    this.begin(own);
    this.send(own, now);
    this.draw(own, elapsedMs);
    this.effects!.update(performance.now());
    this.scene.finish(elapsedMs);
    if (now - this.lastHud >= HUD_EVERY_MS) {
      this.lastHud = now;
      this.showHud(own);
    }
  }

  /** Sets up what depends on map and body, with the first state that contains the own player. */
  private begin(own: PlayerState): void {
    if (this.prediction !== null) return;
    const { state, sessionId } = this.room;
    this.geometry = geometryFor(state.map, state.mode);
    this.scene.show(this.geometry);
    this.effects = new FactEffects(this.scene, this.hud.feed, state, sessionId);
    this.prediction = new Prediction(this.room, own, this.geometry);
  }

  private send(own: PlayerState, now: number): void {
    const position = this.scene.positionOf(this.room.sessionId) ?? own;
    this.prediction!.advance(now, this.controls.frame(this.scene.onPage(position), this.target));
  }

  /** Where on the page the player is at whom a thumb without a direction aims. */
  private readonly target = (): Position | null => {
    const id = autoTarget(this.room.state, this.room.sessionId, this.geometry!, this.controls.wantsHeal);
    const position = id === null ? null : this.scene.positionOf(id);
    return position === null ? null : this.scene.onPage(position);
  };

  private draw(own: PlayerState, elapsedMs: number): void {
    const { scene, controls, room } = this;
    const prediction = this.prediction!;
    const { state } = room;
    scene.moveCamera(prediction.x(own), prediction.y(own), elapsedMs);
    state.players.forEach((player, id) => {
      const mine = player === own;
      const style = { own: mine, ally: isAlly(own, player), role: player.role, name: player.name };
      const x = prediction.x(player);
      const y = prediction.y(player);
      const aim = mine ? controls.aimFrom(scene.onPage({ x, y }), this.target) : player.aim;
      const guarded = player.protectedUntilTick > state.tick;
      const { hp, maxHp, alive } = player;
      scene.body(id, style, { x, y, aim: radians(aim), hp, maxHp, alive, guarded }, elapsedMs);
    });
    this.drawOrbs(own, state);
  }

  private drawOrbs(own: PlayerState, state: ArenaState): void {
    const { clock } = this.room;
    const sincePatchTicks = ((clock.renderNow() - clock.lastServerTime()) * state.tickRate) / 1000;
    const tick = state.tick + Math.min(ORB_LEAD_TICKS_MAX, Math.max(0, sincePatchTicks));
    for (const orb of state.orbs) {
      if (orb.bornTick === 0) continue;
      const age = Math.max(0, tick - orb.bornTick);
      const owner = [...state.players.values()].find((player) => player.seat === orb.seat);
      const ally = owner !== undefined && isAlly(own, owner);
      this.scene.orb({ x: orb.x + age * orb.stepX, y: orb.y + age * orb.stepY }, ally);
    }
  }

  private showHud(own: PlayerState): void {
    const { room, controls } = this;
    const wantsScores = controls.wantsScores || this.hud.isShowingScores;
    this.hud.update(hudModel(room, own, { isRanked: this.options.isRanked, connected: this.connected, wantsScores }));
    const dots: { x: number; y: number; own: boolean; ally: boolean }[] = [];
    room.state.players.forEach((player) => {
      if (player.alive) dots.push({ x: player.x, y: player.y, own: player === own, ally: isAlly(own, player) });
    });
    this.hud.map.draw(this.geometry!, dots);
  }

  private followPhase(): void {
    if (this.over || this.own() === undefined) return;
    const { phase, endsAtTick } = this.room.state;
    if (phase === "playing") this.deadlineTick = endsAtTick;
    if (phase === this.phase) return;
    this.phase = phase;
    this.options.onPhase(phase);
    if (phase !== "ended") return;
    const outcome = outcomeOf(this.room.state, this.room.sessionId, this.deadlineTick);
    this.outcome = outcome;
    this.resultTimer = setTimeout(() => this.options.onEnd(outcome), RESULT_DELAY_MS);
  }
}
