/**
 * The stores on which the lake sink is tested, each new and empty for every test, and the assertion that a store has every
 * message exactly once.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LogMessage } from "../../../src/pipeline/log/EventLog.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { filesIn, type LakeLog, toComparable } from "./lakeUnderTest.ts";
import { playMatch } from "./matches.ts";

/** The messages of three matches. */
export const matchMessages = [
  ...playMatch({ number: 1, mode: "duel" }),
  ...playMatch({ number: 2, mode: "ffa" }),
  ...playMatch({ number: 3, mode: "ffa" }),
];

/**
 * Asserts that the lake has every message of the log exactly once, except those `left` out, in files without a gap of offsets.
 */
export async function assertStoredOnce(
  objects: ObjectStore,
  log: LakeLog,
  left: readonly LogMessage[] = [],
): Promise<void> {
  const files = await filesIn(objects, log.topic);
  const messages = files.flatMap((file) => file.messages);
  assert.deepEqual(toComparable(messages), toComparable(log.messages.filter((message) => !left.includes(message))));
  let next = 0n;
  for (const { file, metadata } of files) {
    assert.equal(metadata.firstOffset, file.firstOffset);
    assert.equal(metadata.firstOffset, next);
    next = metadata.lastOffset + 1n;
  }
  assert.equal(next, BigInt(log.end));
}

interface StoreUnderTest {
  /** The store of this test. */
  objects(): ObjectStore;
  /** Replaces it by an empty store. */
  renew(): Promise<void>;
}

function rulesOn(name: string, open: () => Promise<ObjectStore>, rules: (store: StoreUnderTest) => void): void {
  describe(`on ${name}`, function () {
    this.timeout(240_000);
    let objects: ObjectStore;
    beforeEach(async () => {
      objects = await open();
    });
    afterEach(() => objects.close());
    rules({
      objects: () => objects,
      async renew() {
        await objects.close();
        objects = await open();
      },
    });
  });
}

/** Runs the tests that `rules` declares on a directory and on an S3 bucket. */
export function describeOnEveryStore(title: string, rules: (store: StoreUnderTest) => void): void {
  describe(title, () => {
    const folders: string[] = [];
    after(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    const openDirectory = async () => {
      const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
      folders.push(directory);
      return new DirectoryStore({ directory, variable: "DATA_DIR" });
    };
    rulesOn("a directory", openDirectory, rules);

    describe("with the services", () => {
      const services = useServices("s3");
      const openBucket = async () => new S3Store(s3Config({ ...services().env, NAMESPACE: services().namespace() })!);
      rulesOn("an S3 bucket", openBucket, rules);
    });
  });
}
