/** Owns which core this process measures from. */
import { execFileSync } from "node:child_process";
import os from "node:os";
import { LOAD_CORE } from "./Process.ts";

/** Leaves the server's core to the server. Throws where there is only one. */
export function stayOffServerCore(): void {
  if (os.availableParallelism() < 2)
    throw new Error("this benchmark needs two cores: one for the server, one for the load");
  execFileSync("taskset", ["-acp", LOAD_CORE, String(process.pid)], { stdio: "ignore" });
}
