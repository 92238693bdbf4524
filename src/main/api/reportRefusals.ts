/** Counts refused requests of operators, and logs them: one line a minute for each address and code. */
import type { Logger } from "pino";
import { networkOf } from "../../api/limits.ts";
import type { RefusedOperator } from "../../api/operators/Operators.ts";
import { RepeatedTexts } from "../../platform/logging/RepeatedTexts.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** Lines a minute for all addresses together, so that many addresses cannot flood the log. All refusals are counted. */
const LINES_MAX = 60;
const MINUTE_MS = 60_000;
const LINE =
  "credentials or a request of an operator were refused; further ones from this address are logged once a minute";

interface ReportOptions {
  readonly metrics: Pick<Metrics, "recordOperatorRefusal">;
  readonly log: Pick<Logger, "warn">;
  /** Any clock, in ms; for tests. */
  readonly now?: () => number;
}

export function reportRefusals({ metrics, log, now = () => performance.now() }: ReportOptions) {
  const texts = new RepeatedTexts(now);
  let minute = 0;
  let lines = 0;
  return ({ address, operator, route, code }: RefusedOperator): void => {
    metrics.recordOperatorRefusal(code);
    const present = Math.floor(now() / MINUTE_MS);
    if (present !== minute) lines = 0;
    minute = present;
    if (lines >= LINES_MAX) return;
    const omitted = texts.take(`${networkOf(address)} ${code}`);
    if (omitted === null) return;
    lines++;
    log.warn({ address, operator, route, code, ...(omitted > 0 && { omitted }) }, LINE);
  };
}
