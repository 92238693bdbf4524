import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../log/EventLog.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { hasAnyFile } from "../sinks/lake/lakeFiles.ts";
import { describeRange } from "../sinks/SkippedOffsets.ts";
import { LAKE_USAGE, lakeGapsCommand } from "./lakeGapsCommand.ts";
import { type Missing, type Rebuildable, rebuildFromLake, rebuildFromLog, storeMissingFromLake } from "./rebuild.ts";

export interface RebuildableSink extends Rebuildable {
  /** Omitted for a sink that does not store what it has missed. */
  readonly missing?: Missing;
}

interface RebuildDeps {
  readonly sinks: readonly RebuildableSink[];
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** Null without Kafka. */
  readonly log: EventLog | null;
}

interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const PROGRESS_FILES = 100;

/**
 * `npm run rebuild`. Resolves to the exit code: 0 when done, 1 if missing messages are not in the lake either, 2 for invalid
 * arguments or without `--yes`, 3 if the lake has nothing to rebuild from. Rejects if a store fails.
 */
export async function rebuildCommand(
  args: readonly string[],
  { sinks, objects, catalogue, log }: RebuildDeps,
  terminal: Terminal,
): Promise<number> {
  const { out, err } = terminal;
  if (args[0] === "lake") return lakeGapsCommand(args, { objects, catalogue, log }, terminal);
  const names = sinks.map(({ sink }) => sink.name).join("|");
  const [name, flag, from, ...options] = args;
  const rebuildable = sinks.find(({ sink }) => sink.name === name);
  const onlyMissing = from === "lake" && options[0] === "--only-missing";
  const [yes, ...rest] = onlyMissing ? options.slice(1) : options;
  const isValid = flag === "--from" && (from === "kafka" || from === "lake") && (yes ?? "--yes") === "--yes";
  const missing = onlyMissing ? rebuildable?.missing : undefined;
  if (rebuildable === undefined || !isValid || rest.length > 0 || (onlyMissing && missing === undefined)) {
    err(`usage: npm run rebuild -- ${names} --from kafka|lake --yes
       npm run rebuild -- ${names} --from lake --only-missing --yes
       ${LAKE_USAGE}
  --only-missing  deletes nothing, and stores only what is missing: in ${names}, what the log had deleted before it was stored;
                  in the lake, what files contained that were deleted
`);
    return 2;
  }
  if (from === "kafka" && log === null) {
    err("--from kafka needs KAFKA_BROKERS, which is not set: use --from lake\n");
    return 2;
  }
  if (missing !== undefined)
    return storeMissing(rebuildable.sink.name, missing, { objects, catalogue }, yes === "--yes", terminal);
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
  else await rebuildFromLake(rebuildable, objects, catalogue, showProgress(terminal));
  out(`${name} was rebuilt from ${from}\n`);
  return 0;
}

async function storeMissing(
  sink: string,
  missing: Missing,
  { objects, catalogue }: Pick<RebuildDeps, "objects" | "catalogue">,
  isConfirmed: boolean,
  terminal: Terminal,
): Promise<number> {
  const { out, err } = terminal;
  const ranges = await missing.ranges();
  if (ranges.length === 0) {
    out(`sink ${sink} has missed no messages\n`);
    return 0;
  }
  for (const range of ranges) out(`missing: ${describeRange(range)}\n`);
  if (!isConfirmed) {
    err("Repeat with --yes to store them from the lake.\n");
    return 2;
  }
  const lost = await storeMissingFromLake(missing, objects, catalogue, showProgress(terminal));
  for (const range of lost) err(`lost: ${describeRange(range)}, which the lake does not have, or not completely\n`);
  out(`sink ${sink} stored what the lake has of them\n`);
  return lost.length === 0 ? 0 : 1;
}

function showProgress({ err }: Terminal) {
  return (done: number, all: number): void => {
    if (done === all || done % PROGRESS_FILES === 0) err(`${done} of ${all} files\n`);
  };
}
