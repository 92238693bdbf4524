/** `npm run services -- up | down | status | env`: the real services on loopback, for development and tests. */
import {
  defineUsage,
  readArguments,
  UsageError,
  usageError,
  usageText,
} from "../../src/platform/commandLine/CommandUsage.ts";
import { variables } from "./environment.ts";
import { setFolder } from "./folders.ts";
import { Progress, seconds } from "./Progress.ts";
import { ServiceSet } from "./ServiceSet.ts";
import { isServiceName, type ServiceName, serviceNames } from "./serviceNames.ts";

const usage = defineUsage({
  command: "npm run services",
  synopsis: "COMMAND [NAME…] [--state DIR] [--wipe]",
  about: `Runs real services on loopback: ${serviceNames.join(", ")}. Together, they are a set, with its data in one directory. Without
NAME, the command applies to all services of the set.

  up       start the services that are not running, and wait until they are ready
  down     stop the services; with --wipe, also delete the whole set with its data
  status   print a table; the exit code is 1 if a service is not up
  env      print KEY=value lines that point the program at the running services

With a Docker engine, the services are the containers of compose.yaml. Without one, they are processes: Kafka (needs Maven and
Java), the S3 server (needs Go), PostgreSQL and Redis (Debian packages, installed automatically for root).`,
  options: {
    state: { value: "DIR", about: "use an independent set in this directory" },
    wipe: { about: "with down: delete the whole set with its data" },
  },
  settings: "HYPOGEUM_SERVICES_DIR, the directory of the set if --state is not given",
  exitCodes: { 0: "done", 1: "a service could not be started or is not up", 2: "wrong arguments" },
  example: "up kafka redis",
});

type Command = (set: ServiceSet, names: readonly ServiceName[], wipe: boolean) => Promise<number>;

const commands: Readonly<Record<string, Command>> = { up, down, status, env };

async function up(set: ServiceSet, names: readonly ServiceName[]): Promise<number> {
  const progress = new Progress(process.stderr);
  try {
    await set.up(names, progress.report, {
      onReady: ({ name, address, tookMs, wasRunning }) =>
        progress.done(name, `${address}  ${wasRunning ? "was already up" : seconds(tookMs)}`),
    });
    return 0;
  } finally {
    progress.end();
  }
}

async function down(set: ServiceSet, names: readonly ServiceName[], wipe: boolean): Promise<number> {
  if (wipe && names.length < serviceNames.length)
    throw usageError(usage, "--wipe deletes the whole set of services: do not name a single service");
  await (wipe ? set.wipe() : set.down(names));
  return 0;
}

async function status(set: ServiceSet, names: readonly ServiceName[]): Promise<number> {
  const rows = await set.status(names);
  for (const { name, state, pid, address } of rows) {
    process.stdout.write(`${name.padEnd(9)} ${state.padEnd(9)} ${String(pid ?? "").padEnd(8)} ${address}`.trimEnd());
    process.stdout.write("\n");
  }
  return rows.every(({ state }) => state === "up") ? 0 : 1;
}

/** Prints only the variables of running services, so that no program is pointed at a service that is down. */
async function env(set: ServiceSet, names: readonly ServiceName[]): Promise<number> {
  const running = (await set.status(names)).filter(({ state }) => state !== "down");
  if (running.length === 0)
    throw new Error(`no service is running in ${set.dir}; start them with: npm run services -- up`);
  const values = set.env();
  for (const { name } of running) for (const key of variables[name]) process.stdout.write(`${key}=${values[key]}\n`);
  return 0;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals, isHelp } = readArguments(usage, args);
  if (isHelp) {
    process.stdout.write(usageText(usage));
    return 0;
  }
  const [name, ...chosen] = positionals;
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : null;
  if (command === null)
    throw usageError(usage, `invalid command "${name ?? ""}": expected one of ${Object.keys(commands).join(", ")}`);
  const unknown = chosen.find((text) => !isServiceName(text));
  if (unknown !== undefined)
    throw usageError(usage, `invalid service "${unknown}": expected one of ${serviceNames.join(", ")}`);
  const names = chosen.length === 0 ? serviceNames : chosen.filter(isServiceName);
  return command(new ServiceSet(setFolder(values.state)), names, values.wipe);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
