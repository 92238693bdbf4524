/** PgBouncer of Debian in front of a PostgreSQL server. It refuses to run as root, so for root it runs as the user `postgres`. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import { endProcess, type ProcessId, startDaemon } from "../../../tools/services/native/process.ts";
import { findProgram } from "../../../tools/services/native/run.ts";
import { findFreePort } from "../../../tools/services/ports.ts";

const STOP_WITHIN_MS = 10_000;

function find(): string | null {
  return findProgram("pgbouncer") ?? (path.delimiter === ":" ? findIn("/usr/sbin/pgbouncer") : null);
}

function findIn(file: string): string | null {
  try {
    execFileSync(file, ["--version"]);
    return file;
  } catch {
    return null;
  }
}

export class PgBouncer {
  /** The same database as that of the server's URL. */
  readonly url: string;
  readonly #process: ProcessId;
  readonly #folder: string;

  private constructor(url: string, process: ProcessId, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** @param settings lines of the section `[pgbouncer]` of its configuration, beyond those that it needs to run. */
  static async start(serverUrl: string, settings: readonly string[]): Promise<PgBouncer> {
    const command = await debianProgram("pgbouncer", find);
    const { hostname, port, username, password } = new URL(serverUrl);
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-pgbouncer-"));
    chmodSync(folder, 0o755);
    const users = path.join(folder, "users.txt");
    writeFileSync(users, `"${username}" "${password}"\n`);
    const listenPort = await findFreePort([]);
    const ini = path.join(folder, "pgbouncer.ini");
    const required = [
      `listen_addr = 127.0.0.1`,
      `listen_port = ${listenPort}`,
      "unix_socket_dir =",
      `auth_file = ${users}`,
    ];
    const lines = ["[databases]", `* = host=${hostname} port=${port}`, "[pgbouncer]", "auth_type = scram-sha-256"];
    writeFileSync(ini, [...lines, ...required, ...settings, ""].join("\n"));
    const owner = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : undefined;
    const logFile = path.join(folder, "log");
    const daemon = { command, args: [ini], cwd: folder, logFile, owner, signalOnParentDeath: "INT" } as const;
    const running = await startDaemon(daemon);
    while (!(await accepts(listenPort))) await delay(50);
    const url = new URL(serverUrl);
    url.port = String(listenPort);
    return new PgBouncer(url.href, running, folder);
  }

  async stop(): Promise<void> {
    await endProcess(this.#process, "SIGTERM", STOP_WITHIN_MS);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(void socket.destroy() === undefined));
    socket.once("error", () => resolve(false));
  });
}
