/** Finds the ticks of matches that are missing among the records of an outbox. A room records every tick of its match. */
import { openMatchesIn } from "./openMatches.ts";
import { endsMatch, isTickRecord, matchKeyIn, tickIn } from "./TickDecoder.ts";

interface Progress {
  tick: number;
  ended: boolean;
}

export class LostTicks {
  readonly #matches = new Map<string, Progress>();
  readonly #lines: string[] = [];
  readonly #isStateKnown: boolean;

  /** @param state entries of the drain's state, which has the last acknowledged record of each open match; null if it is lost. */
  constructor(state: ReadonlyMap<string, Uint8Array> | null) {
    this.#isStateKnown = state !== null;
    for (const bytes of openMatchesIn(state ?? new Map()).values()) this.#remember(bytes);
  }

  /** Adds a record that is not acknowledged. Call it in the order of the records. */
  add(bytes: Uint8Array): void {
    if (!isTickRecord(bytes)) return;
    const before = this.#matches.get(matchKeyIn(bytes));
    const tick = tickIn(bytes);
    const expected = before === undefined ? 0 : before.tick + 1;
    if (tick > expected && (before !== undefined || this.#isStateKnown))
      this.#lines.push(`match ${uuidOf(matchKeyIn(bytes))}: ticks ${expected} to ${tick - 1} are lost`);
    this.#remember(bytes);
  }

  /** One line for each gap, then one for each match that has no end. */
  lines(): string[] {
    const open = [...this.#matches].filter(([, { ended }]) => !ended);
    return [
      ...this.#lines,
      ...open.map(
        ([key, { tick }]) => `match ${uuidOf(key)}: has no end; all after tick ${tick} is lost or was never played`,
      ),
    ];
  }

  #remember(bytes: Uint8Array): void {
    this.#matches.set(matchKeyIn(bytes), { tick: tickIn(bytes), ended: endsMatch(bytes) });
  }
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
