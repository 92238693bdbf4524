/**
 * One of several processes of the program: entry of a process that `SupervisedProcess` starts. It ends in order when it is told
 * to and when its supervisor is gone. A terminal or a service manager signals all processes at once: rooms may end then, but
 * what sends their last events waits until it is told.
 */
import { readConfig } from "../../platform/config/readConfig.ts";
import { runProcess } from "../runProcess.ts";
import { END_WITHIN_MS, type ReadyMessage, STOP_MESSAGE } from "./SupervisedProcess.ts";

const config = readConfig([], process.env);
const told = new Promise<string>((resolve) => {
  process.once("disconnect", () => resolve("the supervisor is gone"));
  process.on("message", (message) => message === STOP_MESSAGE && resolve("told by the supervisor"));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => config.roles.includes("game") && resolve(signal));
});

const { address, log, end } = await runProcess(config);
if (process.connected) process.send!({ type: "ready", address } satisfies ReadyMessage);
log.info({ why: await told }, "stopping");
// Nobody is left to kill an orphan that hangs.
setTimeout(() => process.exit(1), config.drainSeconds * 1000 + END_WITHIN_MS).unref();
await end(0);
