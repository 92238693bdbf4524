#!/usr/bin/env node
/** `npm start`: reads the configuration, starts the program in one process or in several, and stops it on a signal. */
import "./refuseWindows.ts";
import { type Config, ConfigError, helpText, readConfig } from "../platform/config/readConfig.ts";
import { openLogger } from "../platform/logging/openLogger.ts";
import { checkConfig } from "./checkConfig.ts";
import { supervise } from "./multiProcess/supervise.ts";
import { startProblem } from "./startProblem.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(helpText());
  process.exit(0);
}

function configOrExit(): Config {
  try {
    const config = readConfig(args, process.env);
    checkConfig(config);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** On the first stop signal, calls `first`. On the second, calls `second` and exits with 1. */
function onSignals(first: (signal: string) => void, second: () => void): void {
  let signals = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      signals++;
      if (signals === 1) return first(signal);
      second();
      process.exit(1);
    });
  }
}

async function startOne(config: Config): Promise<string> {
  // Imported late: a supervisor needs none of the modules of a server.
  const { runProcess } = await import("./runProcess.ts");
  const stopping = new AbortController();
  onSignals(
    (signal) => stopping.abort(signal),
    () => {},
  );
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
  const all = await supervise(config, log).catch((error: NodeJS.ErrnoException) => {
    // A process that cannot start has printed the reason itself. This one has only looked for free ports.
    if (error.syscall !== undefined) console.error(startProblem(error, config));
    log.debug({ err: error }, "start failed");
    process.exit(1);
  });
  onSignals((signal) => {
    log.info({ signal }, "stopping all processes; a second signal kills them");
    void all.stop().then((code) => process.exit(code));
  }, all.kill);
  return all.address;
}

const config = configOrExit();
const address = await (config.processes === 1 ? startOne : startSeveral)(config);
console.log(`Hypogeum is ready. Open ${address}`);
