import assert from "node:assert/strict";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { type S3Config, s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { objectStoreContract } from "./contract.ts";
import { FaultProxy } from "./FaultProxy.ts";

describe("an S3 bucket as object store", function () {
  this.timeout(240_000);
  const services = useServices("s3");
  const config = (change: Partial<S3Config> = {}): S3Config => ({
    ...s3Config({ ...services().env, NAMESPACE: services().namespace() })!,
    pageSize: 10,
    ...change,
  });

  objectStoreContract("an S3 bucket", async () => new S3Store(config()));

  async function problemOf(change: Partial<S3Config>): Promise<string> {
    const store = new S3Store(config(change));
    const error = (await store.check().then(
      () => assert.fail("the check found no problem"),
      (reason: unknown) => reason,
    )) as Error;
    await assert.rejects(store.putNew("x", Buffer.from("1")), new Error(error.message));
    await store.close();
    return error.message;
  }

  it("reports in one line that the bucket is missing", async () => {
    assert.match(
      await problemOf({ bucket: "no-such-bucket" }),
      /^S3_BUCKET: there is no bucket "no-such-bucket" at S3_ENDPOINT=http:\S+: NoSuchBucket: /,
    );
  });

  it("reports in one line that the credentials are refused, without a secret", async () => {
    const secretAccessKey = "not-the-secret";
    const unknown = await problemOf({ credentials: { accessKeyId: "nobody", secretAccessKey } });
    const { accessKeyId } = config().credentials!;
    const wrong = await problemOf({ credentials: { accessKeyId, secretAccessKey } });
    for (const line of [unknown, wrong]) {
      assert.match(line, /^AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: refused by S3_ENDPOINT=\S+: \w+: \w/);
      assert(!line.includes(secretAccessKey));
    }
  });

  it("reports in one line that the server does not respond", async () => {
    assert.match(await problemOf({ endpoint: "http://127.0.0.1:1" }), /^S3_ENDPOINT: no server answers at http:\S+ /);
  });

  it("retries when the server answers 503, and gives up when the server keeps answering 503", async () => {
    const proxy = await FaultProxy.start(services().env.S3_ENDPOINT);
    const store = new S3Store(config({ endpoint: proxy.url }));
    try {
      proxy.failNext(2);
      assert.equal(await store.putNew("a", Buffer.from("1")), "created");
      proxy.failNext(2);
      assert.equal(String(await store.get("a")), "1");
      proxy.failNext(Number.POSITIVE_INFINITY);
      const before = proxy.requests;
      await assert.rejects(store.putNew("b", Buffer.from("1")), /^Error: S3_ENDPOINT: http:\S+ answers 503/);
      assert(proxy.requests - before <= 5);
      proxy.failNext(0);
      assert.equal(await store.putNew("b", Buffer.from("1")), "created");
    } finally {
      await store.close();
      await proxy.close();
    }
  });

  it("reports `exists` for its own object if the response to its creation was lost", async () => {
    const proxy = await FaultProxy.start(services().env.S3_ENDPOINT);
    const store = new S3Store(config({ endpoint: proxy.url }));
    try {
      await store.check();
      proxy.loseNextAnswer();
      assert.equal(await store.putNew("a", Buffer.from("1")), "exists");
      assert.equal(String(await store.get("a")), "1");
    } finally {
      await store.close();
      await proxy.close();
    }
  });

  it("refuses invalid variables, and names them", () => {
    const S3_BUCKET = "lake";
    assert.equal(s3Config({}), null);
    assert.throws(() => s3Config({ S3_BUCKET: "No_Such" }), /^Error: S3_BUCKET: invalid "No_Such": expected/);
    assert.throws(() => s3Config({ S3_BUCKET, S3_ENDPOINT: "ftp://x" }), /^Error: S3_ENDPOINT: invalid value/);
    assert.throws(
      () => s3Config({ S3_BUCKET, S3_FORCE_PATH_STYLE: "maybe" }),
      /^Error: S3_FORCE_PATH_STYLE: invalid "maybe": expected/,
    );
    assert.throws(() => s3Config({ S3_BUCKET, AWS_ACCESS_KEY_ID: "a" }), /^Error: AWS_SECRET_ACCESS_KEY is not set/);
  });
});
