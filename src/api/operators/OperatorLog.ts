/**
 * Records each act of an operator before it takes effect: in the append-only table `operator_acts`, and in the topic `logs_admin`. An
 * act that cannot be recorded is refused.
 */
import { v7 as uuidv7 } from "uuid";
import type { AdminMessage } from "../../../schema/adminEvents.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { insertOperatorAct } from "../../players/database/operatorActs.ts";
import { type ActPublisher, CLAIM_MS } from "./ActPublisher.ts";
import type { Operator } from "./Operator.ts";

export interface OperatorAct {
  readonly act:
    | "kick"
    | "ban"
    | "unban"
    | "drain"
    | "announce"
    | "message"
    | "set_value"
    | "delete_value"
    | "monitor_call"
    | "playground_call";
  readonly player?: string;
  readonly room?: string;
  readonly detail?: string;
  /** Null only for an announcement, whose text says enough. */
  readonly reason: string | null;
}

interface OperatorLogDeps {
  readonly sql: Sql;
  readonly publisher: Pick<ActPublisher, "publish">;
  /** Called once the act is in the table. */
  readonly onRecorded: (message: AdminMessage) => void;
  readonly now?: () => number;
}

export class OperatorLog {
  readonly #deps: OperatorLogDeps;

  constructor(deps: OperatorLogDeps) {
    this.#deps = deps;
  }

  /** Runs `work` in the transaction that records the act: if it rejects, nothing is recorded. Rejects with what `work` throws. */
  async record(
    operator: Operator,
    act: OperatorAct,
    work: (tx: SqlRunner) => Promise<unknown> = async () => {},
  ): Promise<void> {
    const { sql, publisher, onRecorded, now = Date.now } = this.#deps;
    const id = uuidv7();
    const message: AdminMessage = {
      ...{ v: 1, at: now(), operator: operator.name, role: operator.role, act: act.act },
      ...{ player: act.player ?? null, room: act.room ?? null, detail: act.detail ?? null, reason: act.reason },
    };
    await sql.transaction(async (tx) => {
      await work(tx);
      await insertOperatorAct(tx, id, message, new Date(message.at + CLAIM_MS));
    });
    onRecorded(message);
    publisher.publish({ id, message });
  }
}
