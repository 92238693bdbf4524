import type { EventCatalogue } from "../pipeline/sinks/eventCatalogue.ts";
import { lakeTopics } from "../pipeline/sinks/lake/LakeSink.ts";

/** All topics of the log, without namespace. */
export function logTopics(catalogue: EventCatalogue): string[] {
  return [...lakeTopics(catalogue), "logs_rejected"];
}
