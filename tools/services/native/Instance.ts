/** The interface that each service implements so that it can run as a process of this machine. */
import type { SetState } from "../state.ts";
import type { Daemon } from "./process.ts";

/** One service of one set. */
export interface InstanceContext {
  readonly state: SetState;
  /** An existing folder for the data and configuration of this service alone. */
  readonly folder: string;
  readonly logFile: string;
}

export interface NativeService {
  /** The signal that stops its process gracefully. */
  readonly stopSignal: NodeJS.Signals;
  /** The user that it must run as, if not the current one. */
  readonly owner?: () => { readonly uid: number; readonly gid: number } | undefined;
  /**
   * Installs the program if it is missing, creates the data folder if there is none, and returns what to start.
   * @param report called at each step that takes time.
   */
  prepare(
    context: InstanceContext,
    report: (step: string) => void,
  ): Promise<Omit<Daemon, "logFile" | "signalOnParentDeath">>;
}
