#!/usr/bin/env node
/** `npm start`: reads the configuration, starts the server, and stops it on a signal. */
import pino from "pino";
import { ConfigError, helpText, readConfig } from "../config/readConfig.ts";
import { checkConfig } from "./checkConfig.ts";
import { startServer } from "./startServer.ts";
import { startWorker } from "./startWorker.ts";

const args = process.argv.slice(2);
if (args.includes("--help")) {
  console.log(helpText());
  process.exit(0);
}

function configOrExit() {
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

const config = configOrExit();
const log = pino({ level: config.logLevel, base: null });
const servesPlayers = config.roles.includes("game") || config.roles.includes("api");
const running = await (servesPlayers ? startServer : startWorker)(config, log).catch((error: NodeJS.ErrnoException) => {
  const { port, host } = config;
  const listening = error.syscall === "listen" || error.syscall === "bind";
  if (listening && error.code === "EADDRINUSE")
    console.error(`PORT: ${port} is taken on ${host}; choose another with --port`);
  else if (listening && error.code === "EACCES")
    console.error(`PORT: ${port} may not be used by this user; choose another with --port`);
  else console.error(error.message);
  log.debug({ err: error }, "the start failed");
  process.exit(1);
});
console.log(`Hypogeum is ready. Open ${running.address}`);

async function stop(exitCode: number): Promise<void> {
  await running.stop();
  process.exit(exitCode);
}

let signals = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    signals++;
    if (signals > 1) process.exit(1);
    log.info({ signal }, "stopping");
    void stop(0);
  });
}
/** What the framework still had to tell Redis, and nobody awaits; each request for it says so itself, and so does `/readyz`. */
function isRedisAway(error: unknown): boolean {
  const { name, message } = error as Error;
  return name === "MaxRetriesPerRequestError" || message === "Connection is closed.";
}

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (err) => {
    // Matches go on without Redis.
    if (isRedisAway(err)) return log.debug({ err }, "Redis was not told");
    log.fatal({ err }, "an error that nothing handled; stopping");
    void stop(1);
  });
}
