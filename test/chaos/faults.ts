/** The faults that happen while matches are played. Each fault is over when its function resolves. */
import { setTimeout as delay } from "node:timers/promises";
import { kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { createClient } from "../../src/pipeline/kafka/kafkajs/client.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import type { Chance } from "./Chance.ts";
import type { Cluster } from "./Cluster.ts";

export type Fault = (cluster: Cluster, chance: Chance) => Promise<void>;

const downtime = (chance: Chance) => delay(chance.between(500, 3000));

/** If the process stays dead for long, the relay ends its open matches; otherwise the next process ends them. */
const gameKilled: Fault = async ({ game }, chance) => {
  await game.kill();
  await downtime(chance);
  await game.start();
};

const relayKilled: Fault = async ({ relay }, chance) => {
  await relay.kill();
  await downtime(chance);
  await relay.start();
};

const sinksKilled = (which: number): Fault => {
  return async ({ sinks }, chance) => {
    await sinks[which].kill();
    await downtime(chance);
    await sinks[which].start();
  };
};

const serviceKilled = (name: "kafka" | "postgres"): Fault => {
  return async ({ services }, chance) => {
    await services.kill(name);
    await downtime(chance);
    await services.restart(name);
  };
};

const s3Answers503: Fault = async ({ s3 }, chance) => {
  s3.failNext(Number.POSITIVE_INFINITY);
  await delay(chance.between(2000, 5000));
  s3.failNext(0);
};

/**
 * Paused until the group has reassigned its partitions to the other process; it then resumes with partitions that it no longer
 * has.
 */
const sinksPaused: Fault = async ({ sinks, env }, chance) => {
  await delay(chance.between(0, 1500));
  sinks[0].signal("SIGSTOP");
  try {
    await untilMembers(env, 1);
    await delay(1000);
  } finally {
    sinks[0].signal("SIGCONT");
  }
  await untilMembers(env, 2);
};

/** Resolves when the consumer group of every sink has `count` members. */
async function untilMembers(env: Readonly<Record<string, string>>, count: number): Promise<void> {
  const config = kafkaConfig(env)!;
  const admin = createClient(config, silent).admin();
  await admin.connect();
  try {
    for (;;) {
      const names = ["warehouse", "lake", "live", "results"].map((group) => config.namespace + group);
      const { groups } = await admin.describeGroups(names);
      if (groups.every(({ members, state }) => members.length === count && state === "Stable")) return;
      await delay(250);
    }
  } finally {
    await admin.disconnect();
  }
}

export const faults: Readonly<Record<string, Fault>> = {
  "the game process killed": gameKilled,
  "the game process killed again": gameKilled,
  "the relay killed": relayKilled,
  "the first sinks killed": sinksKilled(0),
  "the second sinks killed": sinksKilled(1),
  "the broker killed": serviceKilled("kafka"),
  "PostgreSQL killed": serviceKilled("postgres"),
  "S3 answering 503": s3Answers503,
  "the first sinks paused": sinksPaused,
};
