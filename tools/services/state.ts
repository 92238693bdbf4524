/**
 * The state that a set of services keeps between commands, in `state.json` of its directory: engine, ports, passwords, processes.
 * Only its owner can read it. A lock prevents two commands from changing a set at the same time.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive, type ProcessId, processId } from "./native/process.ts";
import type { ServiceName } from "./serviceNames.ts";

export type EngineName = "docker" | "native";

export interface SetState {
  engine: EngineName;
  /** Random; distinguishes this set's containers and folders from those of other sets. */
  readonly id: string;
  readonly ports: Partial<Record<ServiceName | "kafkaController" | "kafkaUsers", number>>;
  readonly processes: Partial<Record<ServiceName, ProcessId>>;
  readonly postgresPassword: string;
  /** Of the user `hypogeum`, at the port `kafkaUsers`. */
  readonly kafkaPassword: string;
  readonly s3AccessKeyId: string;
  readonly s3SecretAccessKey: string;
}

export function readState(dir: string): SetState | null {
  const file = path.join(dir, "state.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SetState) : null;
}

export function newState(engine: EngineName): SetState {
  return {
    engine,
    id: randomBytes(4).toString("hex"),
    ports: {},
    processes: {},
    postgresPassword: randomBytes(12).toString("hex"),
    kafkaPassword: randomBytes(12).toString("hex"),
    s3AccessKeyId: "hypogeum",
    s3SecretAccessKey: randomBytes(20).toString("hex"),
  };
}

export function writeState(dir: string, state: SetState): void {
  const file = path.join(dir, "state.json");
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

/**
 * Runs `work` while holding the lock of the set in `dir`. Takes over the lock of a process that died.
 * @param onWaiting called once if another process holds the lock.
 */
export async function withLock<T>(dir: string, work: () => Promise<T>, onWaiting: () => void = () => {}): Promise<T> {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  const file = path.join(dir, "lock");
  if (!tryLock(file)) {
    onWaiting();
    while (!tryLock(file)) await delay(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Writes a draft and links it into place, so that no process reads half of it. */
function tryLock(file: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(processId(process.pid)));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  if (!holderIsAlive(file)) rmSync(file, { force: true });
  return false;
}

function holderIsAlive(file: string): boolean {
  try {
    return isAlive(JSON.parse(readFileSync(file, "utf8")) as ProcessId);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
