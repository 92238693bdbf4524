/** The log's contract over a real outbox in a directory of its own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EmbeddedLog } from "../../src/log/EmbeddedLog.ts";
import { silent } from "../../src/log/Logger.ts";
import { StoredProgress } from "../../src/log/StoredProgress.ts";
import type { OutboxWriter } from "../../src/outbox/Outbox.ts";
import { openDrain, openWriter } from "../../src/outbox/openOutbox.ts";
import { logContract } from "./contract.ts";
import { Ledger, storingHandler } from "./Ledger.ts";

describe("log over the outbox", () => {
  let dataDir = "";
  let writer: OutboxWriter | null = null;
  const remove = async () => {
    await writer?.close();
    writer = null;
    if (dataDir !== "") rmSync(dataDir, { recursive: true });
    dataDir = "";
  };
  afterEach(remove);

  logContract("the outbox", () => ({
    severalProcesses: false,
    async reset() {
      await remove();
      dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    },
    async open() {
      await writer?.close();
      writer = await openWriter(dataDir, { boundBytes: 64 * 2 ** 20 });
      return EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
    },
    async forget(topic, _partition, before) {
      const drain = await openDrain(writer!.directory);
      const progress = new StoredProgress(drain, ["h"]);
      const group = progress.of("h");
      group.delivered(topic, Number(before) - 1);
      group.stored(Number(before) - 1);
      await progress.acknowledge();
      await drain.close();
    },
  }));

  describe("gives back to the outbox", () => {
    const message = (value: string) => ({ topic: "logs_stats", key: "k", headers: {}, value });
    let log: EmbeddedLog;

    beforeEach(async () => {
      dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
      writer = await openWriter(dataDir, { boundBytes: 64 * 2 ** 20 });
      log = await EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
      await log.publish(["1", "2", "3"].map(message));
    });

    async function acknowledged(): Promise<number> {
      await log.close();
      const drain = await openDrain(writer!.directory);
      await drain.close();
      return drain.acknowledged;
    }

    async function consumeAll(group: string, stored?: () => bigint | null): Promise<void> {
      const ledger = new Ledger();
      await log.consume(group, ["logs_stats"], { ...storingHandler(ledger), stored });
      await ledger.until(() => ledger.effects.length >= 3);
    }

    it("nothing before every group has stored it", async () => {
      await consumeAll("g");
      assert.equal(await acknowledged(), 0);
    });

    it("what every group has stored", async () => {
      await consumeAll("g");
      await consumeAll("h");
      assert.equal(await acknowledged(), 3);
    });

    it("nothing that a group only keeps in memory", async () => {
      await consumeAll("g");
      await consumeAll("h", () => 2n);
      assert.equal(await acknowledged(), 1);
    });

    it("nothing to a group that it was not told of", async () => {
      await assert.rejects(log.consume("stranger", ["logs_stats"], storingHandler(new Ledger())), /group stranger/);
      await log.close();
    });
  });
});
