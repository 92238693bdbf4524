/**
 * The embedded server's process: PGlite on a directory, behind a unix socket. Started by `EmbeddedServer` only. Ends with
 * its parent: the channel between them closes, however the parent died.
 *
 * Arguments: the directory, the path of the socket. Tells its parent `{ ready: true }` or `{ failure }`.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { OsLock } from "../locks/OsLock.ts";
import { wholeSequences } from "./wholeSequences.ts";

const CONNECTIONS_MAX = 64;
/** How long to wait for a process that is just ending. */
const LOCK_WAIT_MS = 5_000;
const [directory, socket] = process.argv.slice(2);

/** Held until the process ends. */
let lock: OsLock | null = null;

function end(code: number): void {
  process.exit(code);
}

async function serve(): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  lock = OsLock.tryAcquire(path.join(directory, "lock"), LOCK_WAIT_MS);
  if (lock === null) throw new Error("another process is using it");
  const db = await PGlite.create({ dataDir: path.join(directory, "pglite") });
  // One backend for all: what is set here holds for every connection.
  await db.exec("SET TIME ZONE 'UTC'");
  const guarded = wholeSequences(db, (error) => {
    console.error(`PGlite failed: ${error}`);
    end(1);
  });
  const server = new PGLiteSocketServer({
    // The server uses these few methods of it.
    db: guarded as PGlite,
    path: socket,
    maxConnections: CONNECTIONS_MAX,
  });
  await server.start();
  process.once("disconnect", () => {
    const close = async () => {
      await server.stop();
      await db.close();
    };
    close().then(
      () => end(0),
      () => end(1),
    );
  });
  if (!process.connected) end(0);
  process.send?.({ ready: true });
}

// Ctrl-C reaches the whole process group: the parent decides when its database may go.
process.on("SIGINT", () => {});
serve().catch((error: Error) => {
  const failure = error.message.replace(/\s+/g, " ");
  if (process.connected) process.send?.({ failure }, () => end(1));
  else end(1);
});
