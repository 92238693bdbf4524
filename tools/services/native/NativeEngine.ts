/**
 * Runs services as processes of this machine, each in a folder of the set's directory. Keeps their process ids in the set's
 * state.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { Engine } from "../Engine.ts";
import type { Report } from "../Progress.ts";
import type { ServiceName } from "../serviceNames.ts";
import { type SetState, writeState } from "../state.ts";
import type { InstanceContext, NativeService } from "./Instance.ts";
import { kafka } from "./kafka.ts";
import { postgres, postgresData } from "./postgres.ts";
import { endProcess, isAlive, killFamily, signalFamily, startDaemon } from "./process.ts";
import { redis } from "./redis.ts";
import { tail } from "./run.ts";
import { s3 } from "./s3.ts";

const services: Readonly<Record<ServiceName, NativeService>> = { kafka, postgres, redis, s3 };

const stopWithinMs = 15_000;

export class NativeEngine implements Engine {
  readonly #dir: string;
  readonly #state: SetState;
  readonly #stopsWithProcess: boolean;

  /** @param stopsWithProcess whether the services end with this process, even if the process is killed. */
  constructor(dir: string, state: SetState, stopsWithProcess: boolean) {
    this.#dir = dir;
    this.#state = state;
    this.#stopsWithProcess = stopsWithProcess;
  }

  async start(name: ServiceName, report: Report): Promise<void> {
    const service = services[name];
    const context = this.#context(name);
    mkdirSync(context.folder, { recursive: true, mode: 0o700 });
    const daemon = await service.prepare(context, (step) => report(name, step));
    report(name, "starting");
    // Set at the start: the kernel signals the death of a parent only to its own children.
    const signalOnParentDeath = this.#stopsWithProcess ? (service.stopSignal === "SIGINT" ? "INT" : "TERM") : undefined;
    this.#state.processes[name] = await startDaemon({ ...daemon, logFile: context.logFile, signalOnParentDeath });
    writeState(this.#dir, this.#state);
  }

  async isRunning(name: ServiceName): Promise<boolean> {
    const known = this.#state.processes[name];
    return known !== undefined && isAlive(known);
  }

  async stop(names: readonly ServiceName[], wipe: boolean): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const known = this.#state.processes[name];
        if (known !== undefined && wipe) await killFamily(known);
        else if (known !== undefined) await endProcess(known, services[name].stopSignal, stopWithinMs);
        delete this.#state.processes[name];
        if (wipe) this.#wipe(name);
      }),
    );
    writeState(this.#dir, this.#state);
  }

  #wipe(name: ServiceName): void {
    const { folder, logFile, state } = this.#context(name);
    if (name === "postgres") rmSync(postgresData(state, folder), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    rmSync(logFile, { force: true });
  }

  async kill(name: ServiceName): Promise<void> {
    await killFamily(this.#requireRunning(name));
  }

  async pause(name: ServiceName): Promise<void> {
    signalFamily(this.#requireRunning(name), "SIGSTOP");
  }

  async resume(name: ServiceName): Promise<void> {
    signalFamily(this.#requireRunning(name), "SIGCONT");
  }

  async lastOutput(name: ServiceName): Promise<string> {
    const { logFile } = this.#context(name);
    return existsSync(logFile) ? tail(logFile) : "  (no output)";
  }

  #requireRunning(name: ServiceName) {
    const known = this.#state.processes[name];
    if (known === undefined || !isAlive(known)) throw new Error(`${name} is not running`);
    return known;
  }

  #context(name: ServiceName): InstanceContext {
    const logFile = path.join(this.#dir, `${name}.log`);
    return { state: this.#state, folder: path.join(this.#dir, name), logFile };
  }
}
