import type { WatchedMatch } from "../../game/GameWatch.ts";

/** A step that takes longer ends its process. */
export const STEP_LIMIT_MS = 5000;
/** With this code, the watchdog ends the process (EX_SOFTWARE of sysexits.h). Another code means that nothing ran but native code. */
export const HANG_EXIT_CODE = 70;

export interface WatchdogSettings {
  /** Of `StepBeat`. */
  readonly beat: Int32Array;
  /** Folder of the test cases. */
  readonly folder: string;
  readonly logLevel: string;
  readonly processName: string | undefined;
}

/** From the game's thread to the watchdog's. `slot` is the number of a match in this process, from 1. */
export type WatchMessage =
  | { readonly type: "open"; readonly slot: number; readonly match: WatchedMatch }
  | {
      readonly type: "rows";
      readonly slot: number;
      readonly seats: number;
      readonly width: number;
      /** Of `FrameRows`. */
      readonly rows: Int32Array;
    }
  /** `bytes`: the saved world; null if the game could not save it. */
  | { readonly type: "saved"; readonly slot: number; readonly tick: number; readonly bytes: Uint8Array | null }
  | { readonly type: "close"; readonly slot: number };
