/**
 * The sinks that can be rebuilt, and the tables that are cleared for each. The lake cannot be rebuilt, because the others are
 * rebuilt from it.
 */
import { clearOffsets, clearTables } from "../../pipeline/rebuild/clearTables.ts";
import type { Missing } from "../../pipeline/rebuild/rebuild.ts";
import type { RebuildableSink } from "../../pipeline/rebuild/rebuildCommand.ts";
import { ensureSchema, ensureSkippedTable } from "../../pipeline/sinks/ensureSchema.ts";
import { Rejections } from "../../pipeline/sinks/Rejections.ts";
import { createRejects } from "../../pipeline/sinks/rejects.ts";
import { resultsSink } from "../../pipeline/sinks/results/ResultsSink.ts";
import type { Sink } from "../../pipeline/sinks/runSink.ts";
import { SkippedOffsets } from "../../pipeline/sinks/SkippedOffsets.ts";
import { warehouseSink } from "../../pipeline/sinks/warehouse/WarehouseSink.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { asOwner } from "../../players/database/asOwner.ts";
import { withEndedHooks } from "../../players/database/endedHooks.ts";
import { matchResults } from "../../players/database/matchResults.ts";
import { migrate } from "../../players/database/migrate.ts";
import { loadBackends } from "../loadGames.ts";
import type { CommandPorts } from "./commandPorts.ts";

/** Without Kafka, a message that is rejected again is only logged. */
function rejectsFor(sink: string, { log, logger }: CommandPorts) {
  const publish = async (messages: readonly unknown[]): Promise<void> => {
    logger.warn(
      { sink, messages: messages.length },
      "messages rejected again and skipped; without Kafka they are not kept",
    );
  };
  const rejections = new Rejections(sink, {
    warn: (line, fields) => logger.warn({ sink, ...fields }, line),
    report() {},
  });
  return createRejects(log ?? { publish }, sink, (reject) => rejections.add(reject));
}

export async function rebuildables(ports: CommandPorts): Promise<RebuildableSink[]> {
  const { config, catalogue, logger } = ports;
  const [operational, warehouse] = [await ports.operational(), await ports.warehouse()];
  await migrate(operational);
  const warn = (line: string) => logger.warn(line);
  const warehouseOf = (offsetsName: string) =>
    warehouseSink({
      ...{ sql: warehouse, catalogue, warn, moveTicks: config.warehouseMoveTicks, now: Date.now },
      ...{ rejects: rejectsFor("warehouse", ports), retentionDays: null, offsetsName },
    });
  const backends = await loadBackends(config.games);
  const withHooks = backends.filter(({ onEnded }) => onEnded !== undefined).map(({ game }) => game);
  const missingResults = withEndedHooks(matchResults, new Set(withHooks));
  const resultsOf = (offsetsName: string, results = missingResults) =>
    resultsSink({
      ...{ sql: operational, catalogue, warn, results, onCommitted() {} },
      ...{ rejects: rejectsFor("results", ports), offsetsName },
    });
  return [
    {
      sink: warehouseOf("warehouse"),
      missing: missingOf(warehouse, "dw", "warehouse", warehouseOf),
      clears: "all tables of the schema dw",
      clear: () => clearTables(warehouse, "dw"),
    },
    {
      // The log has the events of these ratings already, and onEnded has run.
      sink: resultsOf("results", { ...matchResults, announce: undefined }),
      missing: missingOf(operational, "results", "results", resultsOf),
      clears: "matches, participants and ratings",
      clear: () => asOwner("npm run rebuild", () => clearResults(operational)),
    },
  ];
}

async function clearResults(operational: Sql): Promise<void> {
  await clearTables(operational, "results");
  // Raw SQL: drizzle's builder has no TRUNCATE.
  await operational.query("truncate matches, participants, ratings");
}

function missingOf(sql: Sql, schema: string, sink: string, open: (offsetsName: string) => Sink): Missing {
  const name = `${sink} missing`;
  const skipped = new SkippedOffsets(sql, schema, sink);
  return {
    sink: open(name),
    async ranges() {
      await ensureSchema(sql, schema, async (tx) => {
        await ensureSkippedTable(tx, schema);
      });
      return skipped.read();
    },
    remove: (range) => skipped.remove(range),
    clearOffsets: () => clearOffsets(sql, schema, name),
  };
}
