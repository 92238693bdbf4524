/** Opens the retentions of lake and warehouse, which delete old data. */

import { lakeTopics } from "../../pipeline/sinks/lake/LakeSink.ts";
import { lakeRetention } from "../../pipeline/sinks/lake/lakeRetention.ts";
import type { Retention } from "../../pipeline/sinks/retention/Retention.ts";
import { openWarehouseRetention } from "../../pipeline/sinks/warehouse/warehouseRetention.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import type { CommandPorts } from "./commandPorts.ts";

export async function openRetentions({
  config,
  catalogue,
  objects,
  logger,
  warehouse,
}: CommandPorts): Promise<Retention[]> {
  const options = {
    retentionDays: retentionDaysOf(config),
    now: Date.now,
    warn: (line: string) => logger.warn(line),
  };
  return [
    lakeRetention({ objects, topics: lakeTopics(catalogue) }, options),
    await openWarehouseRetention(await warehouse(), catalogue, options),
  ];
}
