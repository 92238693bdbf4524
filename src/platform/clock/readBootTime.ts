import { readFileSync } from "node:fs";
import os from "node:os";

/** A time that does not depend on the wall clock, and that continues when a process restarts. */
export interface BootTime {
  /** Id of the machine's current boot; null if it is unknown. Two times can be compared only if their ids are equal. */
  readonly boot: string | null;
  /** Time since the machine started, in ms. */
  readonly uptimeMs: number;
}

let boot: string | null | undefined;

export function readBootTime(): BootTime {
  boot ??= readBootId();
  return { boot, uptimeMs: os.uptime() * 1000 };
}

/** Linux only. */
function readBootId(): string | null {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return null;
  }
}
