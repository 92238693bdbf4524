import type { PlatformTopicName } from "../events/platformTopics.ts";

/** What a table of the operational database says must be published in a topic. */
export interface CommittedTopic {
  readonly topic: PlatformTopicName;
  readonly table: string;
  /** Time of the event, by its id. */
  readonly ids: ReadonlyMap<string, Date>;
  /** Whether the table keeps every row, so that an event without a row is a difference, too. */
  readonly isComplete: boolean;
  /** Whether earlier versions of the program filled the table, but did not publish the topic. */
  readonly isNew: boolean;
}

/** What the transactions of the operational database have committed since a time. */
export interface CommittedEvents {
  readonly topics: readonly CommittedTopic[];
  /** Ids of the events that may not be in an outbox yet. */
  readonly unpublished: ReadonlySet<string>;
}

/** Resolves to null if the database does not have the tables. @param sinceMs Unix ms */
export type ReadCommitted = (sinceMs: number) => Promise<CommittedEvents | null>;
