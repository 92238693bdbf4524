/**
 * `npm run services -- up | down | status | env`: the real services on loopback, for development and tests.
 */
import { parseArgs } from "node:util";
import { variables } from "./environment.ts";
import { setFolder } from "./folders.ts";
import { Progress, seconds } from "./Progress.ts";
import { isServiceName, type ServiceName, serviceNames } from "./pins.ts";
import { ServiceSet } from "./ServiceSet.ts";

const help = `npm run services -- COMMAND [NAME…] [--state DIR] [--wipe]

Real services on loopback: ${serviceNames.join(", ")}. All of them where no NAME is given.

  up       start what does not run and wait until it answers
  down     stop; with --wipe the whole set goes, data and all
  status   a table; the exit code is 1 if something is down
  env      KEY=value lines that point the program at those that run

  --state DIR   an independent set in this directory (or HYPOGEUM_SERVICES_DIR)
  --help        this text

With a Docker engine they are containers of compose.yaml. Without one they run as processes: Kafka by Maven and Java, the
S3 server by Go, PostgreSQL and Redis from Debian's packages, which root may install.
`;

type Command = (set: ServiceSet, names: readonly ServiceName[], wipe: boolean) => Promise<number>;

const commands: Readonly<Record<string, Command>> = { up, down, status, env };

async function up(set: ServiceSet, names: readonly ServiceName[]): Promise<number> {
  const progress = new Progress(process.stderr);
  try {
    await set.up(names, progress.report, {
      started: ({ name, address, tookMs, already }) =>
        progress.done(name, `${address}  ${already ? "was up" : seconds(tookMs)}`),
    });
    return 0;
  } finally {
    progress.end();
  }
}

async function down(set: ServiceSet, names: readonly ServiceName[], wipe: boolean): Promise<number> {
  if (wipe && names.length < serviceNames.length) throw new Error("--wipe removes the whole set: name no service");
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

/** Only what runs is named, so that a program is not pointed at a service that is not there. */
async function env(set: ServiceSet, names: readonly ServiceName[]): Promise<number> {
  const running = (await set.status(names)).filter(({ state }) => state !== "down");
  if (running.length === 0) throw new Error(`no service runs in ${set.dir}: npm run services -- up`);
  const values = set.env();
  for (const { name } of running) for (const key of variables[name]) process.stdout.write(`${key}=${values[key]}\n`);
  return 0;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { state: { type: "string" }, wipe: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [name, ...chosen] = positionals;
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : null;
  if (command === null) throw new Error(`command: read "${name ?? ""}", allowed: ${Object.keys(commands).join(", ")}`);
  const wrong = chosen.find((text) => !isServiceName(text));
  if (wrong !== undefined) throw new Error(`service: read "${wrong}", allowed: ${serviceNames.join(", ")}`);
  const names = chosen.length === 0 ? serviceNames : chosen.filter(isServiceName);
  return command(new ServiceSet(setFolder(values.state)), names, values.wipe ?? false);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
