/** Publishes the acts of operators as `logs_admin`: each at least once, with the id of its row. */
import type { AdminMessage } from "../../../schema/adminEvents.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import {
  claimUnpublished,
  giveBackClaims,
  markPublished,
  type OperatorActRow,
} from "../../players/database/operatorActs.ts";
import { RowPublisher, type RowPublisherDeps } from "../../players/database/RowPublisher.ts";

export interface RecordedAct {
  /** UUIDv7. */
  readonly id: string;
  readonly message: AdminMessage;
}

interface ActPublisherDeps
  extends Pick<RowPublisherDeps<RecordedAct>, "canAppend" | "append" | "onFailed" | "onSucceeded"> {
  readonly sql: Sql;
  /** Unix ms. */
  readonly now?: () => number;
}

/** Acts are published by the process that recorded or claimed them for this time, in ms. */
export const CLAIM_MS = 60_000;
const BATCH = 100;

export class ActPublisher extends RowPublisher<RecordedAct> {
  constructor({ sql, now = Date.now, ...deps }: ActPublisherDeps) {
    super({
      ...deps,
      async claim() {
        const nowMs = now();
        const claim = { now: new Date(nowMs), claimedUntil: new Date(nowMs + CLAIM_MS), limit: BATCH };
        return (await claimUnpublished(sql, claim)).map(toRecorded);
      },
      batch: BATCH,
      markPublished: (ids) => markPublished(sql, ids),
      giveBack: (ids) => giveBackClaims(sql, ids, new Date(now())),
      everyMs: CLAIM_MS,
    });
  }
}

function toRecorded({ id, at, ...act }: OperatorActRow): RecordedAct {
  return { id, message: { v: 1, at: at.getTime(), ...act } };
}
