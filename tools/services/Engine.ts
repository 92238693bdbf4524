/**
 * How services are run: as processes of this machine or as containers. Starting means that the process is on its way; that
 * it answers is asked by answers.ts, alike for both.
 */
import type { Report } from "./Progress.ts";
import type { ServiceName } from "./pins.ts";

export interface Engine {
  /** Starts the service, which does not run, with what data it has. Installs what is missing first. */
  start(name: ServiceName, report: Report): Promise<void>;
  /** Whether the service's process is there. */
  runs(name: ServiceName): Promise<boolean>;
  /** Ends the services in good order. With `wipe`, for all of them only, roughly and with their data. */
  stop(names: readonly ServiceName[], wipe: boolean): Promise<void>;
  /** SIGKILL. */
  kill(name: ServiceName): Promise<void>;
  /** Stops the service's threads where they are; its sockets stay open. */
  pause(name: ServiceName): Promise<void>;
  resume(name: ServiceName): Promise<void>;
  /** The last lines that the service printed. */
  lastWords(name: ServiceName): Promise<string>;
}
