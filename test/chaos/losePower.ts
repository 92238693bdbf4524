/**
 * Records what would survive a power loss of a data directory, in a directory beside it. It is loaded with `node --import`
 * before the program, in every process of the host. A file's bytes survive once they are synced. Its name survives once its
 * directory is synced. A synced write takes a while, during which others can read what it wrote, as on a real disk.
 * `PowerLoss.ts` later replaces the directory with what survived.
 *
 * Environment: POWER_DATA_DIR, POWER_SHADOW_DIR.
 */
import fs, { type WriteFileOptions } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { contentPath, namesPath } from "./PowerLoss.ts";

const dataDir = fs.realpathSync(process.env.POWER_DATA_DIR!);
const shadowDir = process.env.POWER_SHADOW_DIR!;
const SYNC_MS_MAX = 60;
const O_DSYNC = fs.constants.O_DSYNC;

const original = {
  ...{ write: fs.write, writeSync: fs.writeSync, fsync: fs.fsync, fsyncSync: fs.fsyncSync },
  ...{ writeFileSync: fs.writeFileSync, renameSync: fs.renameSync, openSync: fs.openSync, closeSync: fs.closeSync },
};

/** The path of a descriptor's file if it is in the data directory, else null. */
function watched(descriptor: number): string | null {
  const file = fs.readlinkSync(`/proc/self/fd/${descriptor}`);
  return file === dataDir || file.startsWith(dataDir + path.sep) ? file : null;
}

function isSyncedByWriting(descriptor: number): boolean {
  const flags = /^flags:\s+(\d+)$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"))!;
  return (Number.parseInt(flags[1], 8) & O_DSYNC) !== 0;
}

function inShadow(file: string, work: (descriptor: number) => void): void {
  const kept = contentPath(shadowDir, dataDir, file);
  const descriptor = original.openSync(kept, fs.constants.O_RDWR | fs.constants.O_CREAT);
  try {
    work(descriptor);
  } finally {
    original.closeSync(descriptor);
  }
}

/** Makes the current content of the file survive. */
function keepContent(file: string): void {
  const bytes = fs.readFileSync(file);
  inShadow(file, (descriptor) => {
    original.writeSync(descriptor, bytes, 0, bytes.length, 0);
    const { size } = fs.statSync(file);
    if (fs.fstatSync(descriptor).size > size) fs.ftruncateSync(descriptor, size);
  });
}

function keepNames(directory: string): void {
  const names = fs.readdirSync(directory, { withFileTypes: true });
  const listed = names.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
  original.writeFileSync(namesPath(shadowDir, dataDir, directory), JSON.stringify(listed));
}

function keep(descriptor: number): void {
  const file = watched(descriptor);
  if (file === null) return;
  if (fs.fstatSync(descriptor).isDirectory()) keepNames(file);
  else keepContent(file);
}

/** Only for complete writes, as the outbox makes them. */
function write(descriptor: number, bytes: Buffer, from: number, length: number, at: number, done: any): void {
  original.write(descriptor, bytes, from, length, at, (error, written, buffer) => {
    const file = error === null ? watched(descriptor) : null;
    if (file === null || !isSyncedByWriting(descriptor)) return done(error, written, buffer);
    setTimeout(() => {
      inShadow(file, (kept) => original.writeSync(kept, bytes, from, written, at));
      done(null, written, buffer);
    }, Math.random() * SYNC_MS_MAX);
  });
}

function afterSync(descriptor: number, done: (error: NodeJS.ErrnoException | null) => void): void {
  original.fsync(descriptor, (error) => {
    if (error === null) keep(descriptor);
    done(error);
  });
}

Object.assign(fs, {
  write,
  fsync: afterSync,
  fdatasync: afterSync,
  fsyncSync(descriptor: number) {
    original.fsyncSync(descriptor);
    keep(descriptor);
  },
  writeFileSync(file: string, bytes: Uint8Array, options?: WriteFileOptions & { flush?: boolean }) {
    original.writeFileSync(file, bytes, options);
    if (options?.flush && path.resolve(file).startsWith(dataDir)) keepContent(path.resolve(file));
  },
  renameSync(from: string, to: string) {
    original.renameSync(from, to);
    const kept = contentPath(shadowDir, dataDir, path.resolve(from));
    if (fs.existsSync(kept)) original.renameSync(kept, contentPath(shadowDir, dataDir, path.resolve(to)));
  },
});

const handle = await fs.promises.open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ["sync", "datasync"]) {
  const sync = prototype[name];
  prototype[name] = async function (this: fs.promises.FileHandle) {
    await sync.call(this);
    keep(this.fd);
  };
}
syncBuiltinESMExports();
