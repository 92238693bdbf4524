/** A game server for one suite, started like `npm start`: a child process on a free port, with its own data directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const ROOT = path.resolve(import.meta.dirname, "../..");
const READY = /Open http:\/\/[^:]+:(\d+)\//;

export class PageServer {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly dataDir: string;

  private constructor(child: ChildProcess, dataDir: string, port: number) {
    this.child = child;
    this.dataDir = dataDir;
    this.port = port;
  }

  /**
   * `env` adds environment variables. Resolves when the server has printed its address; rejects with its output if it exits
   * before.
   */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<PageServer> {
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-page-"));
    const child = spawn(process.execPath, ["src/main/start.ts", "--port", "0", "--host", "127.0.0.1"], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, LOG_LEVEL: "warn", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      for (const stream of [child.stdout!, child.stderr!]) {
        createInterface({ input: stream }).on("line", (line) => {
          output.push(line);
          const ready = READY.exec(line);
          if (ready !== null) resolve(Number(ready[1]));
        });
      }
      child.once("exit", (code) => reject(new Error(`the server stopped with ${code}:\n${output.join("\n")}`)));
      child.once("error", reject);
    });
    return new PageServer(child, dataDir, port);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGTERM");
      const force = setTimeout(() => this.child.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(force);
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
