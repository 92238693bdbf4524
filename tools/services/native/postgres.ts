/**
 * PostgreSQL from Debian's package. It refuses to run as root, so for root it runs as the user `postgres`, with its data in that
 * user's home, because that user cannot read the set's directory.
 */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { SetState } from "../state.ts";
import { postgresMajorMin } from "../versions.ts";
import { debianProgram } from "./apt.ts";
import type { InstanceContext, NativeService } from "./Instance.ts";
import { run } from "./run.ts";

const installations = "/usr/lib/postgresql";
/** Home of the user that Debian's package creates. */
const userHome = "/var/lib/postgresql";

export const postgresUser = "hypogeum";

export const postgres: NativeService = {
  // SIGINT is the "fast" shutdown: it closes connections instead of waiting for them.
  stopSignal: "SIGINT",
  owner,
  async prepare(context, report) {
    const programs = path.dirname(await debianProgram("postgresql", findPostgres, report));
    const data = postgresData(context.state, context.folder);
    if (!existsSync(path.join(data, "PG_VERSION"))) {
      report("creating a database cluster");
      await initialise(programs, data, context);
    }
    const settings = {
      listen_addresses: "127.0.0.1",
      port: String(context.state.ports.postgres),
      unix_socket_directories: "",
      max_connections: "200",
      timezone: "UTC",
      log_timezone: "UTC",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return { command: path.join(programs, "postgres"), args: ["-D", data, ...args], cwd: data, owner: owner() };
  },
};

/** The folder of a set's databases. If the user is root, it is outside the set's directory. */
export function postgresData(state: SetState, folder: string): string {
  return process.getuid?.() === 0 ? path.join(userHome, `hypogeum-${state.id}`) : path.join(folder, "data");
}

function findPostgres(): string | null {
  if (!existsSync(installations)) return null;
  const majors = readdirSync(installations)
    .map(Number)
    .filter((major) => major >= postgresMajorMin)
    .sort((a, b) => b - a);
  const programs = majors.map((major) => path.join(installations, String(major), "bin/postgres"));
  return programs.find((program) => existsSync(program)) ?? null;
}

async function initialise(programs: string, data: string, { state, logFile }: InstanceContext): Promise<void> {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const passwordFile = path.join(data, "..", `.hypogeum-${state.id}.password`);
  writeFileSync(passwordFile, state.postgresPassword, { mode: 0o600 });
  const user = owner();
  if (user !== undefined) for (const mine of [data, passwordFile]) chownSync(mine, user.uid, user.gid);
  try {
    const access = ["--username", postgresUser, "--auth", "scram-sha-256", "--pwfile", passwordFile];
    const args = ["-D", data, ...access, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"];
    await run({ command: path.join(programs, "initdb"), args, cwd: data, logFile, owner: user });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
