/**
 * Where bodies are drawn. The own body is predicted with the movement rules of the game and corrected by the SDK's
 * reconciler. All others are interpolated, `INTERPOLATION_MS` in the past.
 */
import { type InputHandle, Predict, type Room } from "@colyseus/sdk";
import type { ArenaInput } from "../../src/arena/ArenaInput.ts";
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { METRE } from "../../src/arena/rules.ts";
import { moveBody, strideOf } from "../../src/game/kit/movement.ts";
import { roleRules } from "../arena.ts";
import type { Frame } from "./Controls.ts";
import type { ArenaState, PlayerState } from "./matchState.ts";

export const INTERPOLATION_MS = 100;
/** In subunits. A longer jump is a respawn, not a movement, and is shown immediately. */
const TELEPORT = 3 * METRE;
const SMOOTH_MS = 80;

export class Prediction {
  private readonly predict: ReturnType<typeof Predict.get>;
  private readonly input: InputHandle<ArenaInput>;

  constructor(room: Room<any, ArenaState>, own: PlayerState, geometry: MapGeometry) {
    this.predict = Predict.get(room, { mode: "lerp", delay: INTERPOLATION_MS });
    this.predict.attachAll(room.state, "players", { fields: ["x", "y"], snap: TELEPORT });
    this.input = room.input<ArenaInput>({ mode: "reliable" });
    this.predict.reconciler<PlayerState, ArenaInput>(own, {
      input: this.input,
      fields: ["x", "y"],
      smoothMs: SMOOTH_MS,
      snap: TELEPORT,
      step: (_ctx, body, frame) => {
        if (!own.alive || room.state.phase === "ended") return;
        moveBody(body, frame.moveX, frame.moveY, strideOf(roleRules(own.role).speed, room.state.tickRate), geometry);
      },
    });
  }

  /** Sends the frames that are due at `now` (ms, as given to an animation frame). Call once per animation frame. */
  advance(now: number, frame: Frame): void {
    const due = this.predict.tick(now);
    for (let i = 0; i < due; i++) {
      Object.assign(this.input.data as object, frame);
      this.input.send();
    }
  }

  /** Where `player` is drawn, in subunits. */
  x(player: PlayerState): number {
    return this.predict.value(player, "x");
  }

  y(player: PlayerState): number {
    return this.predict.value(player, "y");
  }

  close(): void {
    this.predict.dispose();
  }
}
