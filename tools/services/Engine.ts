/**
 * How services are run: as processes of this machine or as containers. `start` only starts the process. Whether the service is
 * ready is checked by waitUntilReady.ts, in the same way for both.
 */
import type { Report } from "./Progress.ts";
import type { ServiceName } from "./serviceNames.ts";

export interface Engine {
  /** Starts a service that is not running, with its existing data. Installs what is missing first. */
  start(name: ServiceName, report: Report): Promise<void>;
  /** Whether the service's process exists. */
  isRunning(name: ServiceName): Promise<boolean>;
  /** Stops the services gracefully. With `wipe`, kills them and deletes their data; `names` must then contain all services. */
  stop(names: readonly ServiceName[], wipe: boolean): Promise<void>;
  /** Sends SIGKILL. */
  kill(name: ServiceName): Promise<void>;
  /** Suspends the service; its sockets stay open. */
  pause(name: ServiceName): Promise<void>;
  resume(name: ServiceName): Promise<void>;
  /** The last lines of the service's output. */
  lastOutput(name: ServiceName): Promise<string>;
}
