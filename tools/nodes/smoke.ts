import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** A duel ends sooner, even on a slow machine. */
const MATCH_WITHIN_MS = 300_000;

/**
 * Starts the program with this Node, plays a match with the SDK example, and stops it. Resolves to whether all of it succeeded,
 * without a warning of Node.
 */
export async function smoke(node: string, root: string): Promise<boolean> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-smoke-"));
  const args = ["src/main/hypogeum.cjs", "--port", "0", "--host", "127.0.0.1", "--data-dir", dataDir];
  const server = spawn(node, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(server, "exit");
  let isQuiet = true;
  server.stderr.on("data", (bytes) => {
    isQuiet = false;
    process.stderr.write(bytes);
  });
  try {
    const port = await portOf(server.stdout);
    if (port === null) return false;
    const client = ["examples/client.ts", `http://127.0.0.1:${port}`];
    const player = spawn(node, client, { cwd: root, stdio: "inherit", timeout: MATCH_WITHIN_MS });
    const [played] = await once(player, "exit");
    server.kill("SIGTERM");
    const [stopped] = await ended;
    return played === 0 && stopped === 0 && isQuiet;
  } finally {
    server.kill("SIGKILL");
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Prints what the server prints. Resolves once it is ready; with null if it ends before. */
async function portOf(output: NodeJS.ReadableStream): Promise<string | null> {
  output.on("data", (bytes) => void process.stdout.write(bytes));
  let text = "";
  for (;;) {
    const ended = await Promise.race([
      once(output, "data").then(([bytes]) => void (text += bytes)),
      once(output, "close").then(() => true),
    ]);
    const port = /Open http:\S+?:(\d+)\//.exec(text)?.[1];
    if (port !== undefined || ended) return port ?? null;
  }
}
