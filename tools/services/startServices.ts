/**
 * Real services for tests and benchmarks, to be started, killed, paused and brought back. They end with the process that
 * started them, however it ends.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Databases, type Template } from "./databases.ts";
import type { Environment } from "./environment.ts";
import type { Report } from "./Progress.ts";
import type { ServiceName } from "./pins.ts";
import { ServiceSet } from "./ServiceSet.ts";

export interface Services {
  readonly dir: string;
  /** The contract's variables; only those of services that were started are of use. */
  readonly env: Environment;
  /** SIGKILL. The data stay. */
  kill(name: ServiceName): Promise<void>;
  /** Starts a service that was killed, on the same port with its data, and waits until it answers. */
  restart(name: ServiceName): Promise<void>;
  /** Stops the service where it is: connections stay open and are not answered. */
  pause(name: ServiceName): Promise<void>;
  resume(name: ServiceName): Promise<void>;
  /** A new database: its URL. */
  createDatabase(template?: Template): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Ends what was started here, and leaves what ran before. Without a `dir` of the caller's, nothing remains. */
  stop(): Promise<void>;
}

export interface Options {
  /** A set of one's own that is kept; without it a new one is made for this call and removed by `stop`. */
  readonly dir?: string;
  readonly report?: Report;
}

/** @throws saying what is missing and how to get it. Nothing stays behind then. */
export async function startServices(names: readonly ServiceName[], options: Options = {}): Promise<Services> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), "hypogeum-"));
  const wipe = options.dir === undefined;
  const report = options.report ?? (() => {});
  const set = new ServiceSet(dir, { endWithParent: true });
  const mine = new Set<ServiceName>();
  const end = () => (wipe ? set.wipe() : set.down([...mine]));
  try {
    await set.up(names, report, { started: ({ name, already }) => already || mine.add(name) });
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

/** A NAMESPACE of a suite's own, so that suites can share a broker, a Redis and a bucket. */
export function uniqueNamespace(): string {
  return `t${randomBytes(5).toString("hex")}`;
}
