/**
 * Lets the load test's bots play the arena. The arena's own bots decide their inputs in a world that is filled from the synced
 * state.
 *
 * Bots use only what a client sees: the state of the newest patch, and the positions of earlier ticks. The seed of a match is
 * not in the state, so the load test's own seed is used, and two runs with the same seed play alike.
 */
import { BOT, Frames, NOBODY, PERSON } from "../game/Frames.ts";
import { ENDED, PHASE_NAMES } from "../game/kit/clock.ts";
import { moveBody } from "../game/kit/movement.ts";
import type { BotView, Position } from "../game/LoadBots.ts";
import { noFacts } from "../game/noFacts.ts";
import { inputFields } from "./ArenaInput.ts";
import type { ArenaState, PlayerState } from "./ArenaState.ts";
import { think } from "./bots.ts";
import { recordPositions } from "./history.ts";
import { rules } from "./rules.ts";
import { AIM, MOVE_X, MOVE_Y } from "./step.ts";
import { World } from "./World.ts";

class ArenaView implements BotView {
  private readonly state: ArenaState;
  private readonly world: World;
  private readonly frames: Frames;

  constructor(state: ArenaState, seed: string) {
    this.state = state;
    const { mode, map, tickRate } = state;
    this.world = new World(rules, { mode, map, tickRate, seed, roster: [] }, noFacts);
    this.frames = new Frames(this.world.seats, inputFields.length);
    this.update();
  }

  get tick(): number {
    return this.state.tick;
  }

  get tickRate(): number {
    return this.world.tickRate;
  }

  get isOver(): boolean {
    return this.world.globals.phase === ENDED;
  }

  update(): void {
    const { world, state } = this;
    world.globals.tick = state.tick;
    world.globals.phase = PHASE_NAMES.indexOf(state.phase as (typeof PHASE_NAMES)[number]);
    world.globals.phaseEnd = state.endsAtTick;
    world.holder.fill(NOBODY);
    for (const player of state.players.values()) this.updatePlayer(player);
    for (let seat = 0; seat < world.seats; seat++) if (world.holder[seat] === NOBODY) world.alive[seat] = 0;
    recordPositions(world);
  }

  think(sessionId: string, frame: Int32Array): void {
    const player = this.state.players.get(sessionId);
    frame.fill(0);
    if (player === undefined) return;
    const { frames } = this;
    think(this.world, player.seat, frames);
    const row = player.seat * frames.width;
    for (let i = 0; i < frame.length; i++) frame[i] = frames.values[row + i];
    // The arena's bots stand still until a match begins. These bots walk, as players do, so that there is load from the start.
    if (this.world.globals.phase < PHASE_NAMES.indexOf("playing")) wander(this.state.tick, player.seat, frame);
  }

  /** The key is the phase of the match, or -1 while the player is dead or absent, or the match is over. */
  readPosition(sessionId: string, position: Position): number {
    const player = this.state.players.get(sessionId);
    if (player === undefined || !player.alive || this.isOver) return -1;
    position.x = player.x;
    position.y = player.y;
    return this.world.globals.phase;
  }

  movePosition(sessionId: string, position: Position, frame: Int32Array): void {
    const player = this.state.players.get(sessionId);
    if (player === undefined) return;
    const { tickRules, geometry } = this.world;
    moveBody(position, frame[MOVE_X], frame[MOVE_Y], tickRules.strides[player.role], geometry);
  }

  private updatePlayer(player: PlayerState): void {
    const { world } = this;
    const { seat } = player;
    if (player.alive && world.alive[seat] === 0) world.bornTick[seat] = world.globals.tick;
    world.holder[seat] = player.bot ? BOT : PERSON;
    world.team[seat] = player.team;
    world.role[seat] = player.role;
    world.x[seat] = player.x;
    world.y[seat] = player.y;
    world.aim[seat] = player.aim;
    world.hp[seat] = player.hp;
    world.maxHp[seat] = player.maxHp;
    world.alive[seat] = player.alive ? 1 : 0;
  }
}

const WANDER_TICKS = 15;

/** Walks in a square. Each seat begins at a different side. */
function wander(tick: number, seat: number, frame: Int32Array): void {
  const side = Math.trunc(tick / WANDER_TICKS + seat) % 4;
  frame[MOVE_X] = [127, 0, -127, 0][side];
  frame[MOVE_Y] = [0, 127, 0, -127][side];
  frame[AIM] = (tick * 700 + seat * 4096) & 0xffff;
}

export const loadBots = (state: ArenaState, seed: string): BotView => new ArenaView(state, seed);
