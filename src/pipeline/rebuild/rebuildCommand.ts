import { dataDirOption, defineUsage, readArguments, usageError } from "../../platform/commandLine/CommandUsage.ts";
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

export const rebuildUsage = defineUsage({
  command: "npm run rebuild",
  synopsis: "warehouse|results --from lake|kafka [--yes] [--data-dir DIR]",
  about:
    "Deletes the tables of a sink, and rebuilds them from the lake or from Kafka. Without --yes, it deletes nothing and\n" +
    "says what it would delete.",
  options: {
    from: { value: "lake|kafka", about: "what the tables are rebuilt from; required" },
    yes: { about: "deletes and rebuilds" },
    ...dataDirOption,
  },
  settings: ["DATA_DIR", "DATABASE_URL", "WAREHOUSE_URL", "REDIS_URL", "S3_*", "KAFKA_*", "NAMESPACE", "GAMES"],
  exitCodes: {
    0: "rebuilt",
    1: "a store failed",
    2: "nothing was deleted: --yes is missing, or wrong arguments or settings",
    3: "the lake has nothing to rebuild from",
  },
  example: "warehouse --from lake --yes",
});

/**
 * `npm run rebuild`. Resolves to the exit code: 0 when done, 2 without Kafka or without `--yes`, 3 if the lake has nothing to
 * rebuild from. Throws `UsageError` for wrong arguments. Rejects if a store fails.
 */
export async function rebuildCommand(
  args: readonly string[],
  { sinks, objects, catalogue, log }: RebuildDeps,
  { out, err }: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number> {
  const { name, from, isConfirmed } = readRebuild(
    args,
    sinks.map(({ sink }) => sink.name),
  );
  const rebuildable = sinks.find(({ sink }) => sink.name === name)!;
  if (from === "kafka" && log === null) {
    err("--from kafka needs KAFKA_BROKERS, which is not set: use --from lake\n");
    return 2;
  }
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
  else
    await rebuildFromLake(rebuildable, objects, catalogue, (done, all) => {
      if (done === all || done % PROGRESS_FILES === 0) err(`${done} of ${all} files\n`);
    });
  out(`${name} was rebuilt from ${from}\n`);
  return 0;
}

interface RebuildCall {
  readonly name: string;
  readonly from: "kafka" | "lake";
  readonly isConfirmed: boolean;
}

/** Throws `UsageError`. */
export function readRebuild(args: readonly string[], names: readonly string[] = ["warehouse", "results"]): RebuildCall {
  const { values, positionals } = readArguments(rebuildUsage, args);
  const [name, ...rest] = positionals;
  const { from } = values;
  if (name === undefined || !names.includes(name))
    throw usageError(rebuildUsage, `invalid sink ${JSON.stringify(name ?? "")}: expected ${names.join(" or ")}`);
  if (rest.length > 0) throw usageError(rebuildUsage, `unexpected argument ${JSON.stringify(rest[0])}`);
  if (from !== "kafka" && from !== "lake")
    throw usageError(rebuildUsage, `invalid --from ${JSON.stringify(from ?? "")}: expected lake or kafka`);
  return { name, from, isConfirmed: values.yes };
}
