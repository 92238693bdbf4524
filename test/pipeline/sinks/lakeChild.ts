/**
 * A process that runs the lake sink on one log and kills itself with SIGKILL just before or just after its n-th put.
 * Arguments: the directory of the store (empty for S3, configured by the environment), n, `before` or `after`.
 */
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { openObjectStore } from "../../../src/platform/objectStore/openObjectStore.ts";
import { lake, logOf } from "./lakeUnderTest.ts";
import { playMatch } from "./matches.ts";

const [directory, at, when] = process.argv.slice(2);
const objects = openObjectStore(process.env, { path: directory, variable: "DATA_DIR" });
let puts = 0;

const dyingPut: ObjectStore["putNew"] = async (key, bytes, metadata) => {
  puts++;
  if (puts === Number(at) && when === "before") process.kill(process.pid, "SIGKILL");
  const outcome = await objects.putNew(key, bytes, metadata);
  if (puts === Number(at)) process.kill(process.pid, "SIGKILL");
  return outcome;
};
const dying = new Proxy(objects, {
  get: (target, name) => (name === "putNew" ? dyingPut : Reflect.get(target, name).bind(target)),
});

const log = logOf("logs_move", playMatch({ number: 2, mode: "ffa" }));
const handler = lake(dying, { memoryBytesMax: 9_000 });
await log.deliverAll(handler, () => 4);
await objects.close();
