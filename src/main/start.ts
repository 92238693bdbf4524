/** `npm start`: reads the configuration, starts the program in one process or in several, and stops it on a signal. */
import "./refuseWindows.ts";
import { setImmediate } from "node:timers/promises";
import { onStopRequests } from "../platform/async/StopRequests.ts";
import { readArguments, UsageError } from "../platform/commandLine/CommandUsage.ts";
import { type Config, ConfigError, readConfig } from "../platform/config/readConfig.ts";
import { helpText, startUsage } from "../platform/config/startUsage.ts";
import { openLogger } from "../platform/logging/openLogger.ts";
import { checkConfig } from "./checkConfig.ts";
import { type Supervised, supervise } from "./multiProcess/supervise.ts";
import { startProblem } from "./startProblem.ts";

const args = process.argv.slice(2);

/** Prints the help, or what is wrong in one line, and exits. */
function configOrExit(): Config {
  try {
    if (readArguments(startUsage, args).isHelp) {
      process.stdout.write(helpText());
      process.exit(0);
    }
    const config = readConfig(args, process.env);
    checkConfig(config);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

async function startOne(config: Config): Promise<string> {
  const stopping = new AbortController();
  onStopRequests((signal) => stopping.abort(signal));
  // Imported late: a supervisor needs none of the modules of a server.
  const { runProcess } = await import("./runProcess.ts");
  // While modules were loading, the event loop did not turn, so no signal has been handled yet.
  await setImmediate();
  if (stopping.signal.aborted) process.exit(0);
  const { address, log, end } = await runProcess(config, stopping.signal);
  const stop = () => {
    log.info({ signal: stopping.signal.reason }, "stopping; a second signal exits immediately");
    void end(0);
  };
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener("abort", stop);
  return address;
}

async function startSeveral(config: Config): Promise<string> {
  const log = openLogger(config.logLevel, config.processName).child({ part: "supervisor" });
  // Child processes that are still running stop by themselves when this process exits.
  const fail = (error: NodeJS.ErrnoException): never => {
    // If a process cannot start, the reason has been printed. The supervisor has only looked for free ports.
    if (error.syscall !== undefined) console.error(startProblem(error, config));
    log.debug({ err: error }, "start failed");
    process.exit(1);
  };
  let all: Supervised | null = null;
  let stopping = false;
  onStopRequests(
    (signal) => {
      log.info({ signal }, "stopping all processes; a second signal kills them");
      stopping = true;
      if (all === null) process.exit(0);
      void all.stop().then((code) => process.exit(code));
    },
    () => all?.kill(),
  );
  all = await supervise(config, log).catch(fail);
  return all.ready.catch((error) => (stopping ? untilExit() : fail(error)));
}

/** The request to stop ends this process. */
function untilExit(): Promise<never> {
  return new Promise(() => {});
}

const config = configOrExit();
const address = await (config.processes === 1 ? startOne : startSeveral)(config);
console.log(`Hypogeum is ready. Open ${address}`);
