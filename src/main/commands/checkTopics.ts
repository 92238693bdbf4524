import { chooseClient } from "../../pipeline/kafka/chooseClient.ts";
import type { KafkaConfig } from "../../pipeline/kafka/config.ts";
import { KnownTopics } from "../../pipeline/kafka/KnownTopics.ts";
import { describeProblem } from "../../pipeline/kafka/problem.ts";
import { silent } from "../../platform/logging/Logger.ts";

interface TopicsReport {
  /** One line for each wrong setting of a topic, with the command that corrects it. */
  readonly lines: readonly string[];
  /** Whether messages of a topic would be lost or refused. */
  readonly isAnyHeld: boolean;
}

/** Creates missing topics, and checks the settings of all. Rejects with one line if the brokers are unavailable. */
export async function checkTopics(config: KafkaConfig, topics: readonly string[]): Promise<TopicsReport> {
  const kafka = chooseClient(config, silent);
  const known = new KnownTopics({ config, kafka, logger: silent, breaks: "relay" });
  try {
    await known.load(topics);
    const conditions = known.conditions();
    return {
      lines: conditions.map(({ line }) => line),
      isAnyHeld: conditions.some(({ breaks }) => breaks !== null),
    };
  } catch (error) {
    throw new Error(describeProblem(error, config));
  } finally {
    await known.close();
  }
}
