/**
 * The commands that arrived since the last step. They are checked when they arrive, limited by seat, and given to the next step in an
 * order that does not depend on the connections: by seat, those of one seat as they arrived.
 */
import type { CommandRefusal } from "../../schema/commandRefusals.ts";
import { COMMANDS_PER_SECOND, type CommandOf } from "../../src/game/commands.ts";
import { PERSON } from "../../src/game/Frames.ts";
import type { Game } from "../../src/game/Game.ts";
import { type ReadFields, readerOf, type SeatOf } from "../../src/game/readFields.ts";
import { COMMANDS_PER_TICK } from "../limits.ts";
import { ShapeInvalid } from "./receiveDeclared.ts";

type Command = CommandOf<any>;

interface Declared {
  readonly read: ReadFields;
  readonly perSecond: number;
  /** By seat: how many were accepted in the current second. */
  readonly accepted: Uint8Array;
}

const NONE: readonly Command[] = Object.freeze([]);

export class CommandQueue {
  private readonly declared = new Map<string, Declared>();
  /** By seat: how many wait for the next step. */
  private readonly waitingOf: Uint8Array;
  private waiting: Command[] = [];

  constructor({ commands = {} }: Pick<Game, "commands">, seats: number) {
    this.waitingOf = new Uint8Array(seats);
    for (const [name, { fields, perSecond = COMMANDS_PER_SECOND }] of Object.entries<any>(commands))
      this.declared.set(name, { read: readerOf(fields), perSecond, accepted: new Uint8Array(seats) });
  }

  /**
   * Accepts a declared command, and returns null; or returns why it is ignored. Throws `ShapeInvalid` if it does not have the
   * declared shape.
   */
  add(seat: number, name: string, data: unknown, seatOf: SeatOf): CommandRefusal | null {
    const { read, perSecond, accepted } = this.declared.get(name)!;
    const reading = read(data, seatOf);
    if ("problem" in reading) throw new ShapeInvalid(`${name}: ${reading.problem}`);
    if (accepted[seat] >= perSecond || this.waitingOf[seat] >= COMMANDS_PER_TICK) return "TOO_MANY";
    accepted[seat]++;
    if ("playerUnknown" in reading) return "PLAYER_UNKNOWN";
    this.waitingOf[seat]++;
    this.waiting.push(Object.freeze({ seat, name, data: reading.values }));
    return null;
  }

  /** Forgets the commands of a seat, which has another holder now. */
  drop(seat: number): void {
    if (this.waitingOf[seat] === 0) return;
    this.waitingOf[seat] = 0;
    this.waiting = this.waiting.filter((command) => command.seat !== seat);
  }

  /** Returns the commands for the next step, without those of seats that no player holds any more. */
  take(holder: Uint8Array): readonly Command[] {
    if (this.waiting.length === 0) return NONE;
    const taken = this.waiting.filter(({ seat }) => holder[seat] === PERSON).sort((a, b) => a.seat - b.seat);
    this.waiting = [];
    this.waitingOf.fill(0);
    return Object.freeze(taken);
  }

  /** Begins a new second for the limits. */
  nextSecond(): void {
    for (const { accepted } of this.declared.values()) accepted.fill(0);
  }
}
