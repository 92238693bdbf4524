/** Opens the retentions that are configured: of lake and warehouse, and of the operational database. */
import { lakeTopics } from "../../pipeline/sinks/lake/LakeSink.ts";
import { lakeRetention } from "../../pipeline/sinks/lake/lakeRetention.ts";
import type { Retention } from "../../pipeline/sinks/retention/Retention.ts";
import { openWarehouseRetention } from "../../pipeline/sinks/warehouse/warehouseRetention.ts";
import { migrate } from "../../players/database/migrate.ts";
import { retentionDaysOf } from "../retentionDays.ts";
import { operationalRetentions } from "../sinks/operationalRetentions.ts";
import type { CommandPorts } from "./commandPorts.ts";

export async function openRetentions(ports: CommandPorts): Promise<Retention[]> {
  const { config, catalogue, objects, logger } = ports;
  const days = retentionDaysOf(config);
  const options = { now: Date.now, warn: (line: string) => logger.warn(line) };
  const opened: Retention[] = [];
  if (days.events !== null) {
    const ofEvents = { ...options, retentionDays: days.events };
    opened.push(lakeRetention({ objects, topics: lakeTopics(catalogue) }, ofEvents));
    opened.push(await openWarehouseRetention(await ports.warehouse(), catalogue, ofEvents));
  }
  if (days.matches === null && days.guests === null) return opened;
  const operational = await ports.operational();
  await migrate(operational);
  return [...opened, ...operationalRetentions(operational, days, () => options)];
}
