/**
 * Starts, signals and kills processes on Linux. A process is identified by pid and start time, so a pid that the system has
 * reused is never signalled.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export interface ProcessId {
  readonly pid: number;
  /** Clock ticks from the start of the machine to the start of the process. */
  readonly startTime: number;
}

export interface Daemon {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The user to run as; by default the current one. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /**
   * The kernel sends this signal when the thread that started the process ends, even if it is killed. So a killed test run leaves
   * no process behind.
   */
  readonly signalOnParentDeath?: "INT" | "TERM";
}

/** The fields of /proc/PID/stat from the third on. The second field may contain spaces and parentheses. */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** @throws if there is no such process. */
export function processId(pid: number): ProcessId {
  // On other systems only Docker is supported, and the only process to identify is the holder of the lock.
  if (!existsSync("/proc/self/stat")) return { pid, startTime: 0 };
  const fields = statFields(pid);
  if (fields === null) throw new Error(`process ${pid} exited immediately`);
  return { pid, startTime: Number(fields[19]) };
}

/** False once the process holds no resources, even if its parent has not reaped it yet. */
export function isAlive(process: ProcessId): boolean {
  if (process.startTime === 0) return canSignal(process.pid);
  const fields = statFields(process.pid);
  if (fields === null || Number(fields[19]) !== process.startTime) return false;
  return fields[0] !== "Z" || hasOtherThreads(process.pid);
}

/** A killed process is a zombie once its first thread has ended, but it holds files and ports until its last thread has. */
function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

function canSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a process that outlives this one, unless `signalOnParentDeath` is set. Its output is appended to the log file. */
export async function startDaemon(daemon: Daemon): Promise<ProcessId> {
  const log = openSync(daemon.logFile, "a", 0o600);
  const wrapper =
    daemon.signalOnParentDeath === undefined ? [] : ["setpriv", "--pdeathsig", daemon.signalOnParentDeath];
  const [command, ...args] = [...wrapper, daemon.command, ...daemon.args];
  try {
    const child = spawn(command, args, {
      cwd: daemon.cwd,
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", TZ: "UTC", ...daemon.env },
      ...daemon.owner,
    });
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    child.unref();
    return processId(child.pid!);
  } finally {
    closeSync(log);
  }
}

/** The process and all its descendants, the process first. */
function familyOf(root: ProcessId): ProcessId[] {
  if (!isAlive(root)) return [];
  const found = [root];
  for (const { pid } of found) {
    for (const child of childrenOf(pid)) {
      const fields = statFields(child);
      if (fields !== null) found.push({ pid: child, startTime: Number(fields[19]) });
    }
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signal(target: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Signals the process and all its descendants, the process first so that it cannot start more. */
export function signalFamily(root: ProcessId, name: NodeJS.Signals): ProcessId[] {
  const members = familyOf(root);
  for (const member of members) signal(member, name);
  return members;
}

/** Kills the process and all its descendants with SIGKILL, and waits until they are gone. */
export async function killFamily(root: ProcessId): Promise<void> {
  const members = signalFamily(root, "SIGKILL");
  while (members.some(isAlive)) await delay(10);
}

/** Sends the process the signal `name`, and kills it if it has not ended within `withinMs`. */
export async function endProcess(root: ProcessId, name: NodeJS.Signals, withinMs: number): Promise<void> {
  const members = familyOf(root);
  signal(root, name);
  // A paused process receives the signal only after it resumes.
  for (const member of members) signal(member, "SIGCONT");
  const deadline = performance.now() + withinMs;
  while (members.some(isAlive) && performance.now() < deadline) await delay(20);
  for (const member of members) signal(member, "SIGKILL");
  while (members.some(isAlive)) await delay(10);
}
