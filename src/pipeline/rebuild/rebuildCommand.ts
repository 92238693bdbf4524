import {
  dataDirOption,
  defineUsage,
  readArguments,
  refusePositionals,
  usageError,
} from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../log/EventLog.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { hasAnyFile } from "../sinks/lake/lakeFiles.ts";
import { describeRange } from "../sinks/SkippedOffsets.ts";
import { lakeGapsCommand } from "./lakeGapsCommand.ts";
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

const PROGRESS_FILES = 100;

export const rebuildUsage = defineUsage({
  command: "npm run rebuild",
  synopsis: "warehouse|results|lake --from lake|kafka [--only-missing] [--yes] [--data-dir DIR]",
  about:
    "Deletes the tables of a sink, and rebuilds them from the lake or from Kafka. Without --yes, it deletes nothing and\n" +
    "says what it would delete. With --only-missing, it deletes nothing, and stores only what is missing.",
  options: {
    from: { value: "lake|kafka", about: "what the tables are rebuilt from; required" },
    "only-missing": {
      about:
        "warehouse and results: stores from the lake the messages that the log had deleted before the sink read them; lake: stores from Kafka the messages of deleted files",
    },
    yes: { about: "deletes and rebuilds, or stores what is missing" },
    ...dataDirOption,
  },
  settings: ["DATA_DIR", "DATABASE_URL", "WAREHOUSE_URL", "REDIS_URL", "S3_*", "KAFKA_*", "NAMESPACE", "GAMES"],
  exitCodes: {
    0: "done, or nothing is missing",
    1: "a store failed, or messages are lost permanently",
    2: "nothing was changed: --yes is missing, or arguments or settings are wrong",
    3: "the lake has nothing to rebuild from",
  },
  example: "warehouse --from lake --yes",
});

/**
 * `npm run rebuild`. Resolves to the exit code: 0 when done, 1 if missing messages are not in the lake either, 2 without Kafka or
 * without `--yes`, 3 if the lake has nothing to rebuild from. Throws `UsageError` for wrong arguments. Rejects if a store fails.
 */
export async function rebuildCommand(
  args: readonly string[],
  { sinks, objects, catalogue, log }: RebuildDeps,
  terminal: Terminal,
): Promise<number> {
  const { name, from, onlyMissing, isConfirmed } = readRebuild(
    args,
    sinks.map(({ sink }) => sink.name),
  );
  const { out, err } = terminal;
  if (name === "lake") return lakeGapsCommand({ objects, catalogue, log, isConfirmed }, terminal);
  const rebuildable = sinks.find(({ sink }) => sink.name === name)!;
  if (from === "kafka" && log === null) {
    err("--from kafka needs KAFKA_BROKERS, which is not set: use --from lake\n");
    return 2;
  }
  if (onlyMissing)
    return storeMissing(rebuildable.sink.name, rebuildable.missing!, { objects, catalogue }, isConfirmed, terminal);
  if (!isConfirmed) {
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

const SINKS = ["warehouse", "results"];

interface RebuildCall {
  /** A sink, or `lake`. */
  readonly name: string;
  readonly from: "kafka" | "lake";
  readonly onlyMissing: boolean;
  readonly isConfirmed: boolean;
}

/** `sinks`: the names of those that can be rebuilt. Throws `UsageError`. */
export function readRebuild(args: readonly string[], sinks: readonly string[] = SINKS): RebuildCall {
  const { values, positionals } = readArguments(rebuildUsage, args);
  const [name = "", ...rest] = positionals;
  const names = [...sinks, "lake"];
  const { from, yes: isConfirmed, "only-missing": onlyMissing } = values;
  if (!names.includes(name))
    throw usageError(rebuildUsage, `invalid sink ${JSON.stringify(name)}: expected ${names.join(" or ")}`);
  refusePositionals(rebuildUsage, rest);
  if (from !== "kafka" && from !== "lake")
    throw usageError(rebuildUsage, `invalid --from ${JSON.stringify(from ?? "")}: expected lake or kafka`);
  if (name === "lake" && (from !== "kafka" || !onlyMissing))
    throw usageError(
      rebuildUsage,
      "the lake cannot be rebuilt, only completed: expected lake --from kafka --only-missing",
    );
  if (name !== "lake" && onlyMissing && from !== "lake")
    throw usageError(rebuildUsage, `--only-missing with ${name} requires --from lake`);
  return { name, from, onlyMissing, isConfirmed };
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
    out(`sink ${sink} lacks no messages\n`);
    return 0;
  }
  for (const range of ranges) out(`missing: ${describeRange(range)}\n`);
  if (!isConfirmed) {
    err("Repeat the command with --yes to store them from the lake.\n");
    return 2;
  }
  const lost = await storeMissingFromLake(missing, objects, catalogue, showProgress(terminal));
  for (const range of lost)
    err(`lost: ${describeRange(range)}: the lake does not contain these messages, or not all of them\n`);
  out(`sink ${sink} has stored those of these messages that the lake contains\n`);
  return lost.length === 0 ? 0 : 1;
}

function showProgress({ err }: Terminal) {
  return (done: number, all: number): void => {
    if (done === all || done % PROGRESS_FILES === 0) err(`${done} of ${all} files\n`);
  };
}
