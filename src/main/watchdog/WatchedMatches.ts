import { type FaultCase, faultCase } from "../../game/FaultCase.ts";
import type { WatchedMatch } from "../../game/GameWatch.ts";
import type { WatchMessage } from "./messages.ts";
import { FrameRows, type RunningStep } from "./SharedStep.ts";

interface Known {
  readonly match: WatchedMatch;
  rows: FrameRows | null;
  saved: { readonly tick: number; readonly bytes: Uint8Array | null } | null;
}

/** What the watchdog's thread knows about the matches that run. */
export class WatchedMatches {
  readonly #known = new Map<number, Known>();

  apply(message: WatchMessage): void {
    if (message.type === "open") {
      this.#known.set(message.slot, { match: message.match, rows: null, saved: null });
      return;
    }
    const known = this.#known.get(message.slot);
    if (known === undefined) return;
    if (message.type === "close") this.#known.delete(message.slot);
    else if (message.type === "rows") known.rows = new FrameRows(message.seats, message.width, message.rows);
    else known.saved = { tick: message.tick, bytes: message.bytes };
  }

  /** What leads to this step again; null if its match is unknown. `at`: the line of code that runs. */
  faultOf({ slot, tick }: RunningStep, at: string | null): FaultCase | null {
    const known = this.#known.get(slot);
    if (known === undefined) return null;
    const { match, rows, saved } = known;
    const savedTick = rows?.savedTick ?? 0;
    const bytes = saved?.tick === savedTick ? saved.bytes : null;
    return faultCase({
      ...match,
      ...{ tick, at, savedTick },
      saved: bytes === null ? null : Buffer.from(bytes).toString("base64"),
      frames: rows?.read() ?? [],
    });
  }
}
