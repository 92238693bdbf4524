/** The server of `npm run dev`, in a process of its own, which is replaced after each change. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { siblingModule } from "../../platform/files/siblingModule.ts";
import { DEV_CHECKS } from "./devChecks.ts";

/** A server that does not stop by then is killed, so that the next one can have its port. */
const STOP_MS = 5000;

const start = fileURLToPath(siblingModule(import.meta, "../start"));
const command = fileURLToPath(siblingModule(import.meta, "../commands/command"));

export class DevServer {
  readonly #file: string;
  readonly #args: readonly string[];
  readonly #say: (text: string) => void;
  #child: ChildProcess | null = null;
  #isStopped = false;
  /** Restarts follow each other. */
  #queue: Promise<void> = Promise.resolve();
  #isWaiting = false;

  /** `args` are flags of the server. */
  constructor(file: string, args: readonly string[], say: (text: string) => void) {
    this.#file = file;
    this.#args = args;
    this.#say = say;
  }

  /** Checks the game in a process of its own. If it has no mistake, replaces the server; otherwise the one before continues. */
  restart(): Promise<void> {
    // One restart after the present one sees all changes until then.
    if (this.#isWaiting) return this.#queue;
    this.#isWaiting = true;
    this.#queue = this.#queue.then(async () => {
      this.#isWaiting = false;
      if (!this.#isStopped) await this.#restartNow();
    });
    return this.#queue;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#queue;
    await this.#end();
  }

  async #restartNow(): Promise<void> {
    const check = spawn(process.execPath, [command, "check:game", this.#file, "--matches", "5"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let problems = "";
    check.stderr.on("data", (bytes) => (problems += bytes));
    const [code] = await once(check, "close");
    if (code !== 0) {
      const rest = this.#child === null ? "no server runs" : "the server continues with the game as it was";
      this.#say(
        `${problems.replace(/^.*: \d+ of \d+ matches\n/gm, "")}Correct it and save the file; until then, ${rest}.\n`,
      );
      return;
    }
    await this.#end();
    if (this.#isStopped) return;
    const child = spawn(process.execPath, [start, ...this.#args], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, GAMES: this.#file, DRAIN_SECONDS: "0", [DEV_CHECKS]: "1" },
    });
    this.#child = child;
    child.once("exit", (exitCode) => {
      if (this.#child !== child) return;
      this.#child = null;
      if (!this.#isStopped) this.#say(`The server ended with code ${exitCode}. It starts again after the next save.\n`);
    });
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.kill("SIGTERM");
    await once(child, "exit");
    clearTimeout(kill);
  }
}
