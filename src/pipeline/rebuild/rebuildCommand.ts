import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../log/EventLog.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { hasAnyFile } from "../sinks/lake/lakeFiles.ts";
import { type Rebuildable, rebuildFromLake, rebuildFromLog } from "./rebuild.ts";

interface RebuildDeps {
  readonly sinks: readonly Rebuildable[];
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null without Kafka. */
  readonly log: EventLog | null;
}

const PROGRESS_FILES = 100;

/**
 * `npm run rebuild`. Resolves to the exit code: 0 when done, 2 for invalid arguments or without `--yes`, 3 if the lake has nothing
 * to rebuild from. Rejects if a store fails.
 */
export async function rebuildCommand(
  args: readonly string[],
  { sinks, objects, catalogue, log }: RebuildDeps,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const names = sinks.map(({ sink }) => sink.name).join("|");
  const [name, flag, from, yes, ...rest] = args;
  const rebuildable = sinks.find(({ sink }) => sink.name === name);
  const isValid = flag === "--from" && (from === "kafka" || from === "lake") && (yes ?? "--yes") === "--yes";
  if (rebuildable === undefined || !isValid || rest.length > 0) {
    err(`usage: npm run rebuild -- ${names} --from kafka|lake --yes\n`);
    return 2;
  }
  if (from === "kafka" && log === null) {
    err("--from kafka needs KAFKA_BROKERS, which is not set: use --from lake\n");
    return 2;
  }
  if (yes !== "--yes") {
    err(
      `This deletes ${rebuildable.clears}, and rebuilds them from what the ${from === "lake" ? "lake" : "log"} still has.\n`,
    );
    err("Repeat with --yes to continue.\n");
    return 2;
  }
  if (from === "lake" && !(await hasAnyFile(objects, rebuildable.sink.topics))) {
    err("the lake has no file to rebuild from, so nothing was deleted: check NAMESPACE, and S3_BUCKET or DATA_DIR\n");
    return 3;
  }
  if (from === "kafka") await rebuildFromLog(rebuildable, log!);
  else
    await rebuildFromLake(rebuildable, objects, catalogue, (done, all) => {
      if (done === all || done % PROGRESS_FILES === 0) err(`${done} of ${all} files\n`);
    });
  out(`${name} was rebuilt from ${from}\n`);
  return 0;
}
