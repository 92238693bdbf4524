/** Tests the private parts of kafkajs that `tolerateClockSteps` uses. Needs no broker. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import "../../src/platform/adapters/kafkajs/tolerateClockSteps.ts";

const require = createRequire(import.meta.url);
const GROUP = "kafkajs/src/consumer/consumerGroup";
const POOL = "kafkajs/src/cluster/brokerPool";
const HOUR_MS = 3_600_000;

/** Loads a module of kafkajs as it is without the adapter. */
function stock(name: string): any {
  const file = require.resolve(name);
  const cached = require.cache[file];
  delete require.cache[file];
  const loaded = require(name);
  require.cache[file] = cached;
  return loaded;
}

/** The heartbeats that a consumer sends which sent its latest one an hour in the future, as it seems after a step back. */
async function heartbeatsAfterStep(ConsumerGroup: new (options: object) => any): Promise<number> {
  let sent = 0;
  const logger = { namespace: () => logger, debug() {}, error() {}, warn() {} };
  const group = new ConsumerGroup({
    logger,
    topics: [],
    groupId: "g",
    assigners: [],
    instrumentationEmitter: { emit() {} },
  });
  Object.assign(group, { memberId: "m", coordinator: { heartbeat: async () => void sent++ } });
  group.lastRequest = Date.now() + HOUR_MS;
  await group.heartbeat({ interval: 3000 });
  await group.heartbeat({ interval: 3000 });
  return sent;
}

async function refreshesAfterStep(BrokerPool: { prototype: any }): Promise<number> {
  let refreshed = 0;
  const pool = Object.create(BrokerPool.prototype);
  const metadata = { topicMetadata: [] };
  Object.assign(pool, { metadata, metadataMaxAge: 300_000, metadataExpireAt: Date.now() + HOUR_MS });
  pool.refreshMetadata = async () => {
    refreshed++;
    pool.metadataExpireAt = Date.now() + pool.metadataMaxAge;
  };
  await pool.refreshMetadataIfNecessary([]);
  await pool.refreshMetadataIfNecessary([]);
  return refreshed;
}

describe("adapters of kafkajs: tolerateClockSteps", () => {
  it("is needed: after the wall clock was set back, kafkajs neither sends heartbeats nor refreshes its metadata", async () => {
    assert.equal(await heartbeatsAfterStep(stock(GROUP)), 0);
    assert.equal(await refreshesAfterStep(stock(POOL)), 0);
  });

  it("sends the next heartbeat, and refreshes the metadata, each once", async () => {
    assert.equal(await heartbeatsAfterStep(require(GROUP)), 1);
    assert.equal(await refreshesAfterStep(require(POOL)), 1);
  });
});
