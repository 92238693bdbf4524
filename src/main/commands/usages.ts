/** What each command of `command.ts` accepts, by the name of its npm script. */
import { auditUsage } from "../../pipeline/audit/auditCommand.ts";
import { rebuildUsage } from "../../pipeline/rebuild/rebuildCommand.ts";
import { redriveUsage } from "../../pipeline/redrive/redriveCommand.ts";
import { outboxUsage } from "../../pipeline/salvage/outboxCommand.ts";
import { retentionUsage } from "../../pipeline/sinks/retention/retentionCommand.ts";
import { checkGameUsage } from "./checkGameCommand.ts";
import { devUsage } from "./devCommand.ts";
import { lostPlayersUsage } from "./lostPlayersCommand.ts";
import { migrateUsage } from "./migrateCommand.ts";
import { operatorUsage } from "./operatorCommand.ts";
import { rankingUsage } from "./rankingCommand.ts";

export const usages = {
  ...{ audit: auditUsage, outbox: outboxUsage, rebuild: rebuildUsage, redrive: redriveUsage },
  ...{ retention: retentionUsage, "ranking:rebuild": rankingUsage, migrate: migrateUsage, operator: operatorUsage },
  "players:lost": lostPlayersUsage,
  "check:game": checkGameUsage,
  dev: devUsage,
};
