/**
 * Entry of a process that `SupervisedProcess` starts. It stops gracefully when the supervisor requests it or has
 * exited. A terminal or a service manager signals all processes at the same time. Game processes stop on that signal. The
 * process that sends their last events must stop after them, so it ignores the signal and waits for the supervisor.
 */
import { readConfig } from "../../platform/config/readConfig.ts";
import { type ReadyMessage, type RefusalMessage, STOP_MESSAGE, STOP_WITHIN_MS } from "./SupervisedProcess.ts";

const config = readConfig([], process.env);
const stopReason = new Promise<string>((resolve) => {
  process.once("disconnect", () => resolve("supervisor has exited"));
  process.on("message", (message) => message === STOP_MESSAGE && resolve("requested by supervisor"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => config.roles.includes("game") && resolve(signal));
});

const stopping = new AbortController();
void stopReason.then(() => stopping.abort());
// Imported only now: a signal or message that arrives during this long import is not lost.
const { runProcess } = await import("../runProcess.ts");
const { address, log, end } = await runProcess(config, stopping.signal, refuse);
if (process.connected) process.send!({ type: "ready", address } satisfies ReadyMessage);
log.info({ why: await stopReason }, "stopping");
// Without a supervisor, nothing else would kill a process that hangs.
setTimeout(() => process.exit(1), config.drainSeconds * 1000 + STOP_WITHIN_MS).unref();
await end(0);

/** The supervisor prints the reason, because the other processes may have the same. */
function refuse(line: string): void {
  if (process.connected) {
    process.send!({ type: "refused", line } satisfies RefusalMessage, () => process.exit(1));
    return;
  }
  console.error(line);
  process.exit(1);
}
