/**
 * One set of services in one directory: starts them, waits until they are ready, stops them, reports their status. A call that
 * changes the set holds the set's lock. A call that only reads never waits for the lock.
 */
import { rmSync } from "node:fs";
import { ComposeEngine, hasDockerEngine } from "./ComposeEngine.ts";
import type { Engine } from "./Engine.ts";
import { type Environment, environment } from "./environment.ts";
import { NativeEngine } from "./native/NativeEngine.ts";
import type { Report } from "./Progress.ts";
import { findFreePort, isFree } from "./ports.ts";
import { type ServiceName, serviceNames } from "./serviceNames.ts";
import { newState, readState, type SetState, withLock, writeState } from "./state.ts";
import { checkReady, waitUntilReady } from "./waitUntilReady.ts";

/** Long enough for a new broker on a busy machine, or a database that recovers from a crash. */
const readyWithinMs = 120_000;

interface Started {
  readonly name: ServiceName;
  readonly address: string;
  readonly tookMs: number;
  readonly wasRunning: boolean;
}

interface Status {
  readonly name: ServiceName;
  readonly address: string;
  readonly pid: number | null;
  readonly state: "up" | "down" | "no answer";
}

export class ServiceSet {
  readonly dir: string;
  readonly #stopsWithProcess: boolean;

  /**
   * @param stopsWithProcess whether the services end with this process, even if the process is killed. Applies to services that
   * `up` starts.
   */
  constructor(dir: string, { stopsWithProcess = false } = {}) {
    this.dir = dir;
    this.#stopsWithProcess = stopsWithProcess;
  }

  /**
   * Starts those of `names` that are not running, and waits until each is ready.
   * @param onReady called for each service when it is ready.
   * @param samePorts whether to fail, instead of choosing another port, when a service's port is in use.
   * @throws an error that names every service that did not start, with its last output.
   */
  up(
    names: readonly ServiceName[],
    report: Report,
    { onReady = () => {}, samePorts = false }: { onReady?: (service: Started) => void; samePorts?: boolean } = {},
  ): Promise<void> {
    const onWaiting = () => {
      for (const name of names) report(name, "waiting for another command on the same set");
    };
    const work = async () => {
      const state = readState(this.dir) ?? newState((await hasDockerEngine()) ? "docker" : "native");
      const engine = this.#engine(state);
      const running = new Set<ServiceName>();
      for (const name of names) if (await engine.isRunning(name)) running.add(name);
      for (const name of serviceNames) {
        if (!samePorts && !running.has(name)) await choosePorts(state, name, names.includes(name));
      }
      writeState(this.dir, state);
      const results = await Promise.allSettled(
        names.map(async (name) => {
          const beganAt = performance.now();
          await this.#bringUp(engine, environment(state), name, running.has(name), report);
          const tookMs = performance.now() - beganAt;
          onReady({ name, address: address(state, name), tookMs, wasRunning: running.has(name) });
        }),
      );
      const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
      if (errors.length > 0) throw new Error(errors.map((error) => error.message).join("\n"));
    };
    return withLock(this.dir, work, onWaiting);
  }

  async #bringUp(
    engine: Engine,
    env: Environment,
    name: ServiceName,
    isRunning: boolean,
    report: Report,
  ): Promise<void> {
    if (!isRunning) {
      await engine.start(name, report);
      report(name, "waiting until it is ready");
    }
    try {
      await waitUntilReady(name, env, () => engine.isRunning(name), readyWithinMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await engine.lastOutput(name)}`, { cause: error });
    }
  }

  /** Stops those of `names` that are running, and keeps their data. */
  async down(names: readonly ServiceName[]): Promise<void> {
    await this.#stop(names, false);
  }

  /** Stops all services and deletes the set: data, ports, passwords, directory. */
  async wipe(): Promise<void> {
    await this.#stop(serviceNames, true);
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #stop(names: readonly ServiceName[], wipe: boolean): Promise<void> {
    if (readState(this.dir) === null) return;
    await withLock(this.dir, async () => {
      const state = readState(this.dir);
      if (state !== null) await this.#engine(state).stop(names, wipe);
    });
  }

  async status(names: readonly ServiceName[]): Promise<Status[]> {
    const state = readState(this.dir);
    if (state === null) return names.map((name) => ({ name, address: "", pid: null, state: "down" }));
    const engine = this.#engine(state);
    return Promise.all(
      names.map(async (name): Promise<Status> => {
        if (!(await engine.isRunning(name))) return { name, address: "", pid: null, state: "down" };
        const isReady = await checkReady(name, environment(state)).then(
          () => true,
          () => false,
        );
        const pid = state.processes[name]?.pid ?? null;
        return { name, address: address(state, name), pid, state: isReady ? "up" : "no answer" };
      }),
    );
  }

  /** @throws if the set was never started. */
  env(): Environment {
    return environment(this.#requireState());
  }

  kill(name: ServiceName): Promise<void> {
    return this.#engine(this.#requireState()).kill(name);
  }

  pause(name: ServiceName): Promise<void> {
    return this.#engine(this.#requireState()).pause(name);
  }

  resume(name: ServiceName): Promise<void> {
    return this.#engine(this.#requireState()).resume(name);
  }

  #requireState(): SetState {
    const state = readState(this.dir);
    if (state === null)
      throw new Error(`no services have been started in ${this.dir}; start them with: npm run services -- up`);
    return state;
  }

  #engine(state: SetState): Engine {
    return state.engine === "docker"
      ? new ComposeEngine(state)
      : new NativeEngine(this.dir, state, this.#stopsWithProcess);
  }
}

/**
 * Keeps a service's ports, so that clients find the service again. A service that is about to start gets other ports if another
 * program uses the stored ports.
 */
async function choosePorts(state: SetState, name: ServiceName, willStart: boolean): Promise<void> {
  const needed = name === "kafka" ? (["kafka", "kafkaController", "kafkaUsers"] as const) : [name];
  for (const key of needed) {
    const known = state.ports[key];
    if (known !== undefined && (!willStart || (await isFree(known)))) continue;
    state.ports[key] = await findFreePort(Object.values(state.ports));
  }
}

function address(state: SetState, name: ServiceName): string {
  const env = environment(state);
  const urls = { kafka: env.KAFKA_BROKERS, postgres: env.DATABASE_URL, redis: env.REDIS_URL, s3: env.S3_ENDPOINT };
  // The table and the progress lines end up in logs, which must not contain a password.
  return urls[name].replace(/\/\/[^/@]+@/, "//");
}
