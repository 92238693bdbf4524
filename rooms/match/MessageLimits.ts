/**
 * How often each player may send one kind of message: at most `burst` at once, and `perSecond` in the long run. A player who reconnects
 * or joins again gets no more.
 */
import { type GameMessage, MESSAGE_BURST, MESSAGES_PER_SECOND } from "../../src/game/messages.ts";

interface Allowance {
  /** How many messages the player may send at `atMs`; a part of one counts, too. */
  left: number;
  atMs: number;
}

export class MessageLimits {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #players = new Map<string, Allowance>();

  constructor({ perSecond = MESSAGES_PER_SECOND, burst = MESSAGE_BURST }: Pick<GameMessage, "perSecond" | "burst">) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Whether the player may send a message now, which then counts. `nowMs`: any clock that never runs backwards. */
  take(player: string, nowMs: number): boolean {
    const allowance = this.#players.get(player) ?? { left: this.#burst, atMs: nowMs };
    this.#players.set(player, allowance);
    const gained = ((nowMs - allowance.atMs) * this.#perSecond) / 1000;
    allowance.left = Math.min(this.#burst, allowance.left + gained);
    allowance.atMs = nowMs;
    if (allowance.left < 1) return false;
    allowance.left--;
    return true;
  }
}
