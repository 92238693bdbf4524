/**
 * Starts, restarts and stops the child process that serves PGlite. Its socket is in a private folder, because PGlite accepts any
 * user without a password.
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { RestartPauses } from "../async/RestartPauses.ts";
import { siblingModule } from "../files/siblingModule.ts";
import { makeSocketFolder, removeOtherFolders, SOCKET } from "./socketFolder.ts";

const RESTART_FIRST_MS = 200;
const RESTART_LAST_MS = 15_000;
/** How long a stopping server may take to write its files before it is killed. */
const STOP_WAIT_MS = 10_000;

interface FromChild {
  readonly ready?: true;
  readonly failure?: string;
}

export const databaseFiles = (directory: string): string => path.join(directory, "pglite");

const addressFile = (directory: string): string => path.join(path.resolve(directory), "address");

export class EmbeddedServer {
  readonly url: string;
  readonly #directory: string;
  readonly #folder: string;
  readonly #pauses = new RestartPauses(RESTART_FIRST_MS, RESTART_LAST_MS);
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  #stopping = false;

  private constructor(directory: string) {
    this.#directory = path.resolve(directory);
    this.#folder = makeSocketFolder(this.#directory);
    this.url = `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(this.#folder)}`;
  }

  /** Resolves when the server accepts connections. Rejects with a one-line error that names DATA_DIR or TMPDIR. */
  static async start(directory: string): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(directory);
    try {
      await server.#spawn();
    } catch (error) {
      await server.stop();
      throw new Error(`DATA_DIR: cannot open the database in ${server.#directory}: ${(error as Error).message}`);
    }
    removeOtherFolders(server.#directory, server.#folder);
    writeFileSync(addressFile(directory), server.url, { mode: 0o600 });
    return server;
  }

  /** Whether a program has created a database in `directory`. */
  static hasDatabase(directory: string): boolean {
    return existsSync(databaseFiles(directory));
  }

  /**
   * Returns the URL of the program that serves the database in `directory`, or null if there is none. After a crash, the
   * program of that URL may no longer run.
   */
  static readAddress(directory: string): string | null {
    try {
      return readFileSync(addressFile(directory), "utf8");
    } catch {
      return null;
    }
  }

  /** Process id of the server; null while it is not running. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const kill = setTimeout(() => child.kill("SIGKILL"), STOP_WAIT_MS);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(kill);
    }
    rmSync(this.#folder, { recursive: true, force: true });
    if (EmbeddedServer.readAddress(this.#directory) === this.url) rmSync(addressFile(this.#directory), { force: true });
  }

  #spawn(): Promise<void> {
    const socket = path.join(this.#folder, SOCKET);
    // Left behind by a server that was killed.
    rmSync(socket, { force: true });
    const child = fork(siblingModule(import.meta, "./embeddedChild"), [this.#directory, socket], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    this.#pauses.onStart();
    return new Promise((resolve, reject) => {
      child.on("message", (message: FromChild) => {
        // A process under `node --watch` also sends which modules it loads.
        if (message.ready === true) resolve();
        else if (message.failure !== undefined) reject(new Error(message.failure));
      });
      child.on("exit", (code, signal) => {
        if (this.#child === child) this.#child = null;
        reject(new Error(`the database process exited with ${signal ?? `code ${code}`}`));
        if (!this.#stopping) this.#restartLater();
      });
    });
  }

  #restartLater(): void {
    this.#restart = setTimeout(() => {
      // If this start fails, the exit of its process causes the next start. Until then, connections are refused.
      this.#spawn().catch(() => {});
    }, this.#pauses.takeMs());
  }
}
