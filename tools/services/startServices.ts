/**
 * Starts real services for tests and benchmarks. The caller can kill, pause and restart a service. The services end when the
 * process that started them ends, even if it is killed.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Databases, type Template } from "./databases.ts";
import type { Environment } from "./environment.ts";
import type { Report } from "./Progress.ts";
import { ServiceSet } from "./ServiceSet.ts";
import type { ServiceName } from "./serviceNames.ts";

export interface Services {
  readonly dir: string;
  /** The variables that point the program at the services. Only the variables of started services are usable. */
  readonly env: Environment;
  /** Sends SIGKILL and keeps the data. */
  kill(name: ServiceName): Promise<void>;
  /** Starts a killed service on the same port with its data, and waits until it is ready. */
  restart(name: ServiceName): Promise<void>;
  /** Suspends the service: connections stay open and get no response. */
  pause(name: ServiceName): Promise<void>;
  resume(name: ServiceName): Promise<void>;
  /** Creates a database and returns its URL. */
  createDatabase(template?: Template): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /**
   * Stops the services that this `startServices` started, but not services that were already running. If the caller gave no
   * `dir`, also deletes the directory.
   */
  stop(): Promise<void>;
}

export interface Options {
  /**
   * Directory with the data and ports of the services. It is kept, and services that already run there are used. By default, a
   * new directory is created, and `stop` deletes it.
   */
  readonly dir?: string;
  readonly report?: Report;
}

/** @throws an error that says what is missing and how to install it. No service that this call started is left running then. */
export async function startServices(names: readonly ServiceName[], options: Options = {}): Promise<Services> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), "hypogeum-"));
  const wipe = options.dir === undefined;
  const report = options.report ?? (() => {});
  const set = new ServiceSet(dir, { stopsWithProcess: true });
  const mine = new Set<ServiceName>();
  const end = () => (wipe ? set.wipe() : set.down([...mine]));
  try {
    await set.up(names, report, { onReady: ({ name, wasRunning }) => wasRunning || mine.add(name) });
  } catch (error) {
    await end();
    throw error;
  }
  const env = set.env();
  const databases = new Databases(env.DATABASE_URL);
  return {
    dir,
    env,
    kill: (name) => set.kill(name),
    restart: (name) => set.up([name], report, { samePorts: true }),
    pause: (name) => set.pause(name),
    resume: (name) => set.resume(name),
    createDatabase: (template) => databases.create(template),
    dropDatabase: (url) => databases.drop(url),
    async stop() {
      if (!wipe && !mine.has("postgres")) await databases.dropAll();
      await end();
    },
  };
}

/** A NAMESPACE for one suite, so that suites can share a broker, a Redis and a bucket. */
export function uniqueNamespace(): string {
  return `t${randomBytes(5).toString("hex")}`;
}
