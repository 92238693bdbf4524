/**
 * What the four services tell of themselves so that they can run as processes of this machine.
 */
import type { SetState } from "../state.ts";
import type { Daemon } from "./process.ts";

/** Where one service of one set lives. */
export interface Place {
  readonly state: SetState;
  /** Private to the service; exists. Its data and configuration are below. */
  readonly folder: string;
  readonly logFile: string;
}

export interface NativeService {
  /** What it sends its process so that it ends in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Whom it must run as, where not as oneself. */
  readonly owner?: () => { readonly uid: number; readonly gid: number } | undefined;
  /**
   * Installs the program if it is missing, makes the data folder if there is none, and says what to start.
   * @param report told of steps that take time.
   */
  prepare(place: Place, report: (step: string) => void): Promise<Omit<Daemon, "logFile" | "signalOnParentDeath">>;
}
