/** The relay and running matches while the broker is killed and restarted. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import type { RelayStats } from "../../../src/pipeline/relay/runRelay.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers, type Users } from "../../tools/services/asUsers.ts";
import { Child } from "./Child.ts";
import { TopicReader } from "./TopicReader.ts";

describe("relay during an outage of the broker", function () {
  this.timeout(900_000);
  let services: Services;
  let users: Users;
  const children: Child[] = [];
  before(async () => {
    services = await startServices(["kafka"]);
    users = await asUsers(services, ["kafka"]);
  });
  after(async () => {
    for (const child of children) await child.kill();
    await services.stop();
  });

  it("loses nothing, reports the problem, and catches up", async () => {
    const kafka = kafkaConfig({ ...users.env, NAMESPACE: users.namespace(), KAFKA_PARTITIONS: "4" })!;
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-relay-"));
    const relay = new Child("relayProcess.ts", [JSON.stringify({ dataDir, kafka })]);
    const game = new Child("gameProcess.ts", [dataDir, "squad", "4"]);
    children.push(relay, game);
    const statsWhere = (wanted: (stats: RelayStats) => boolean) => {
      const linesBefore = relay.lines.length;
      return relay.line((line) => relay.lines.indexOf(line) >= linesBefore && wanted(JSON.parse(line) as RelayStats));
    };
    const matchIds = (await game.line((line) => line.startsWith("matches"))).split(" ").slice(1);
    await statsWhere(({ acknowledgedTotal }) => acknowledgedTotal > 500);

    await services.kill("kafka");
    const duringOutage = await statsWhere(
      ({ conditions, oldestSeconds }) => /^KAFKA_BROKERS: /.test(conditions[0]?.line ?? "") && oldestSeconds > 2,
    );
    const ticksBefore = game.lines.length;
    const { oldestSeconds: oldestBefore } = JSON.parse(duringOutage) as RelayStats;
    await statsWhere(({ oldestSeconds }) => oldestSeconds > oldestBefore + 2);
    assert(game.lines.length > ticksBefore + 10, "the game stood still");

    await services.restart("kafka");
    await statsWhere(({ conditions, oldestSeconds }) => conditions.length === 0 && oldestSeconds < 1);
    await game.kill();
    const reader = await TopicReader.open(kafka);
    await reader.untilEnded(matchIds);
    for (const { ended } of reader.check().matches.values()) assert.equal(ended?.reason, "aborted");
    await reader.close();
    await relay.kill();
    rmSync(dataDir, { recursive: true });
  });
});
