import { execFileSync } from "node:child_process";
import os from "node:os";
import { LOAD_CORE } from "./Process.ts";

/** Moves this process off the server's core. Throws if the machine has only one. */
export function stayOffServerCore(): void {
  if (os.availableParallelism() < 2)
    throw new Error("this benchmark needs two cores: one for the server, one for the load");
  execFileSync("taskset", ["-acp", LOAD_CORE, String(process.pid)], { stdio: "ignore" });
}
