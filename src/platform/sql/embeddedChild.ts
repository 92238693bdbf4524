/**
 * The process of the embedded database: PGlite on a directory, behind a Unix socket. Only `EmbeddedServer` starts it. It ends
 * with its parent, even after a crash, because their IPC channel then closes.
 *
 * Arguments: the directory, the path of the socket. It sends `{ ready: true }` or `{ failure }` to its parent.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { OsLock } from "../locks/OsLock.ts";
import { databaseFiles } from "./EmbeddedServer.ts";
import { isolateSequences } from "./isolateSequences.ts";

const CONNECTIONS_MAX = 64;
/** How long to wait for the lock while a previous process is still stopping. */
const LOCK_WAIT_MS = 5_000;
const [directory, socket] = process.argv.slice(2);

/** Kept until the process ends. */
let lock: OsLock | null = null;

function end(code: number): void {
  process.exit(code);
}

async function serve(): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  lock = OsLock.tryAcquire(path.join(directory, "lock"), LOCK_WAIT_MS);
  if (lock === null) throw new Error("another process is using it");
  const db = await PGlite.create({ dataDir: databaseFiles(directory) });
  // All connections share one backend, so this applies to each of them.
  await db.exec("SET TIME ZONE 'UTC'");
  const guarded = isolateSequences(db, (error) => {
    console.error(`embedded database failed; restarting: ${error}`);
    end(1);
  });
  const server = new PGLiteSocketServer({
    // The socket server uses only the methods that this object has.
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
  // The parent may have exited without a `disconnect` so far, which then ends this process.
  process.send?.({ ready: true }, () => {});
}

// Ctrl-C signals the whole process group, and systemd the whole unit, but the parent decides when its database stops.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
serve().catch((error: Error) => {
  const failure = error.message.replace(/\s+/g, " ");
  if (process.connected) process.send?.({ failure }, () => end(1));
  else end(1);
});
