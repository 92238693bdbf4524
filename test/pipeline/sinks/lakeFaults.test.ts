import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { EmbeddedLog } from "../../../src/pipeline/embeddedLog/EmbeddedLog.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { runSink } from "../../../src/pipeline/sinks/runSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { openObjectStore } from "../../../src/platform/objectStore/openObjectStore.ts";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { FaultProxy, refusePuts } from "../../platform/objectStore/FaultProxy.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { catalogue, filesIn, type LakeLog, lake, logOf, toComparable } from "./lakeUnderTest.ts";
import { playMatch } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const log = () => logOf("logs_move", playMatch({ number: 2, mode: "ffa" }));

async function assertStoredOnce(objects: ObjectStore, { topic, messages }: LakeLog): Promise<void> {
  const files = await filesIn(objects, topic);
  assert.deepEqual(toComparable(files.flatMap((file) => file.messages)), toComparable(messages));
}

async function signalThatEnded(directory: string, at: number, when: string, env: object): Promise<string | null> {
  const program = path.join(import.meta.dirname, "lakeChild.ts");
  const child = spawn(process.execPath, [program, directory, String(at), when], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  assert(signal === "SIGKILL" || code === 0);
  return signal;
}

/** Kills one process after another around its first or second put, until one runs to its end. */
async function killUntilDone(directory: string, env: object): Promise<number> {
  for (let kills = 0; ; kills++) {
    const when = kills % 2 === 0 ? "after" : "before";
    // If every process died before its first put, there would be no progress.
    if ((await signalThatEnded(directory, when === "after" ? 1 : 2, when, env)) === null) return kills;
  }
}

describe("the lake sink under faults", function () {
  this.timeout(240_000);
  const services = useServices("s3");
  const env = () => ({ ...services().env, NAMESPACE: services().namespace() });

  it("stores everything exactly once if its process is killed around every put, in a directory", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    try {
      assert((await killUntilDone(directory, { S3_BUCKET: "" })) >= 2);
      await assertStoredOnce(openObjectStore({}, { path: directory, variable: "DATA_DIR" }), log());
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("stores everything exactly once if its process is killed around every put, in S3", async () => {
    const variables = env();
    assert((await killUntilDone("", variables)) >= 2);
    const objects = openObjectStore(variables, { path: "", variable: "DATA_DIR" });
    await assertStoredOnce(objects, log());
    await objects.close();
  });

  it("stores everything exactly once if the S3 server answers 503 and loses responses", async () => {
    const proxy = await FaultProxy.start(services().env.S3_ENDPOINT);
    const objects = new S3Store({ ...s3Config(env())!, endpoint: proxy.url });
    const moves = log();
    try {
      let round = 0;
      for (let done = false; !done; round++) {
        const handler = lake(objects, { memoryBytesMax: 9_000 });
        try {
          if (round % 3 === 0) proxy.failNext(1);
          await moves.deliver(handler, () => 4, Math.min(moves.end, (round + 1) * 6));
          if (round % 3 === 1) proxy.loseNextAnswer();
          if (round === 2) proxy.failNext(Number.POSITIVE_INFINITY);
          await moves.revoke(handler);
          done = (round + 1) * 6 >= moves.end;
        } catch (error) {
          assert.match((error as Error).message, /already exists|answers 503|TimeoutError/);
          proxy.failNext(0);
        }
      }
      await assertStoredOnce(objects, moves);
    } finally {
      await objects.close();
      await proxy.close();
    }
  });

  it("is reported while S3 refuses every put, and counts as lag what is not stored, until it is", async () => {
    const proxy = await FaultProxy.start(services().env.S3_ENDPOINT);
    const objects = new S3Store({ ...s3Config(env())!, endpoint: proxy.url });
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    const writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const embedded = await EmbeddedLog.open({ writer, groups: ["lake"], logger: silent });
    let failed = 0;
    const more = { putFailed: () => void failed++, flushAfterMs: 100, now: Date.now, warn: assert.fail };
    const options = { log: embedded, objects, catalogue, rejects: new MemoryRejects(), retentionDays: null, ...more };
    try {
      proxy.refusal = refusePuts;
      const sink = await runSink(embedded, lakeSink(options));
      const { messages, topic } = log();
      await embedded.publish(messages.slice(0, 10));
      while (failed === 0) await setTimeout(10);
      for (let check = 0; check < 70; check++) {
        assert.match(
          sink.problems().join(),
          /^sink lake: AWS_ACCESS_KEY_ID: no permission to write \(s3:PutObject\) in S3_BUCKET=\S+ at S3_ENDPOINT=\S+: AccessDenied: Access Denied by bucket policy; [^,]*$/,
        );
        assert(sink.lagSeconds() > 0);
        await setTimeout(50);
        // Other requests to the store succeed meanwhile.
        for await (const { key } of objects.list("raw/")) assert.fail(key);
      }
      assert(failed > 1);
      proxy.refusal = () => null;
      while (sink.lagSeconds() > 0) await setTimeout(10);
      assert.deepEqual(sink.problems(), []);
      assert.equal((await filesIn(objects, topic)).flatMap((file) => file.messages).length, 10);
    } finally {
      await embedded.close();
      await writer.close();
      await objects.close();
      await proxy.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
