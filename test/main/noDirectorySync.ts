/** Loaded with `node --import`: makes fsync of a directory fail as on a file system that does not support it. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { fsync, fsyncSync } = fs;
const unsupported = () =>
  Object.assign(new Error("EINVAL: invalid argument, fsync"), { code: "EINVAL", syscall: "fsync" });
const isDirectory = (descriptor: number) => fs.fstatSync(descriptor).isDirectory();

fs.fsyncSync = (descriptor) => {
  if (isDirectory(descriptor)) throw unsupported();
  fsyncSync(descriptor);
};
fs.fsync = Object.assign(
  (descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) =>
    isDirectory(descriptor) ? setImmediate(done, unsupported()) : fsync(descriptor, done),
  { __promisify__: fsync.__promisify__ },
);
syncBuiltinESMExports();

const probe = await fs.promises.open(import.meta.dirname, "r");
const prototype = Object.getPrototypeOf(probe) as fs.promises.FileHandle;
await probe.close();
const { sync } = prototype;
prototype.sync = async function (this: fs.promises.FileHandle) {
  if (isDirectory(this.fd)) throw unsupported();
  await sync.call(this);
};
