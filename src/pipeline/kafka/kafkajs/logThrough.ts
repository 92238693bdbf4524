/**
 * Writes kafkajs's log entries to the log of the program. Only selected fields are logged, so that no secret is. kafkajs logs an
 * error for each attempt that it repeats; the callers report errors that matter.
 */
import kafkajs, { type LogEntry, type logCreator } from "kafkajs";
import type { Logger } from "../../../platform/logging/Logger.ts";
import { RepeatedTexts } from "../../../platform/logging/RepeatedTexts.ts";
import { withAddresses } from "./ipv6Brokers.ts";

const loggedFields = ["groupId", "topic", "partition", "broker", "error", "retryCount", "retryTime"] as const;

/** Answers of brokers while topics are created, and while groups and leaders are chosen. kafkajs repeats the request. */
export const TRANSIENT_ANSWERS: ReadonlyMap<string, string> = new Map([
  ["UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition"],
  [
    "LEADER_NOT_AVAILABLE",
    "There is no leader for this topic-partition as we are in the middle of a leadership election",
  ],
  ["NOT_LEADER_FOR_PARTITION", "This server is not the leader for that topic-partition"],
  ["GROUP_LOAD_IN_PROGRESS", "The coordinator is loading and hence can't process requests for this group"],
  ["GROUP_COORDINATOR_NOT_AVAILABLE", "The group coordinator is not available"],
  ["NOT_COORDINATOR_FOR_GROUP", "This is not the correct coordinator for this group"],
  ["REBALANCE_IN_PROGRESS", "The group is rebalancing, so a rejoin is needed"],
  ["MEMBER_ID_REQUIRED", "The group member needs to have a valid member id before actually entering a consumer group"],
  ["TOPIC_ALREADY_EXISTS", "Topic with this name already exists"],
]);

/** Entries that say nothing new: about our own choice of options, or beside an entry of the connection with the same reason. */
const redundant =
  /^Limiting retries for the idempotent producer|^Failed to connect to (seed )?broker|^The group is rebalancing/;

const transient = new Set(TRANSIENT_ANSWERS.values());

function isNoise({ message, error }: LogEntry["log"]): boolean {
  const text = error instanceof Error ? error.message : error;
  return redundant.test(message) || (typeof text === "string" && transient.has(text));
}

/** @param now any clock, in ms; for tests. */
export function logThrough(logger: Logger, now?: () => number): logCreator {
  const texts = new RepeatedTexts(now);
  return () =>
    ({ namespace, level, log }) => {
      const component = `kafkajs ${namespace}`.trim();
      const fields: Record<string, unknown> = { component };
      for (const name of loggedFields) {
        const value: unknown = log[name];
        const shown = value instanceof Error ? value.message : value;
        if (shown !== undefined) fields[name] = typeof shown === "string" ? withAddresses(shown) : shown;
      }
      const message = withAddresses(log.message);
      const isLoud = level === kafkajs.logLevel.ERROR || level === kafkajs.logLevel.WARN;
      const omitted =
        isLoud && !isNoise(log) ? texts.take(`${component} ${fields.broker} ${message} ${fields.error}`) : null;
      if (omitted === null) logger.debug(fields, message);
      else logger.warn(omitted === 0 ? fields : { ...fields, omitted }, message);
    };
}
