/** Servers that behave differently from S3: each is versitygw behind a proxy. */
import assert from "node:assert/strict";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { openS3Client } from "../../../src/platform/objectStore/s3Client.ts";
import { type S3Config, s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { FaultProxy, refusePuts } from "./FaultProxy.ts";

const bytes = Buffer.from("1");
const header = (name: string) => `x-amz-server-side-encryption${name}`;

describe("a server that behaves differently from S3", function () {
  this.timeout(240_000);
  const services = useServices("s3");
  let proxy: FaultProxy;
  let namespace: string;
  const stores: S3Store[] = [];

  beforeEach(async () => {
    proxy = await FaultProxy.start(services().env.S3_ENDPOINT);
    namespace = services().namespace();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await proxy.close();
  });

  const configOf = (env: Record<string, string>): S3Config =>
    s3Config({ ...services().env, NAMESPACE: namespace, ...env })!;
  function open(env: Record<string, string> = {}): S3Store {
    const store = new S3Store(configOf({ S3_ENDPOINT: proxy.url, ...env }));
    stores.push(store);
    return store;
  }
  async function lineOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => assert.fail("it was accepted"),
      (reason: unknown) => reason as Error,
    );
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }

  it("is found out if it ignores If-None-Match: nothing is stored, and no object is overwritten", async () => {
    const direct = open({ S3_ENDPOINT: services().env.S3_ENDPOINT });
    assert.equal(await direct.putNew("raw/a", Buffer.from("first")), "created");
    await direct.remove("raw/.probe").catch(() => {});
    const client = openS3Client(configOf({}));
    proxy.overwrite = (path, Body) => {
      const [Bucket, ...key] = path.split("/");
      return client.send(new PutObjectCommand({ Bucket, Key: key.join("/"), Body }));
    };
    const store = open();
    for (const work of [() => store.check(), () => store.putNew("raw/a", Buffer.from("second"))])
      assert.match(
        await lineOf(work()),
        /^S3_ENDPOINT: http:\S+ overwrites objects, .* nothing is stored in S3_BUCKET=/,
      );
    await lineOf(store.putNew("raw/b", bytes));
    assert.equal(String(await direct.get("raw/a")), "first");
    assert.equal(await direct.get("raw/b"), null);
    proxy.overwrite = null;
    await store.check();
    assert.equal(await store.putNew("raw/a", Buffer.from("third")), "exists");
    assert.equal(await store.putNew("raw/b", bytes), "created");
    client.destroy();
  });

  for (const [algorithm, keyId] of [
    ["AES256", ""],
    ["aws:kms", ""],
    ["aws:kms", "alias/lake"],
  ]) {
    it(`requires encryption by ${algorithm} ${keyId}: the line names the setting, and with it the store works`, async () => {
      proxy.refusal = ({ method, headers }) => {
        const isEncrypted =
          headers[header("")] === algorithm && (keyId === "" || headers[header("-aws-kms-key-id")] === keyId);
        if (method !== "PUT" || isEncrypted) return null;
        return { status: 403, code: "AccessDenied", message: "explicit deny: encrypt with our key" };
      };
      const line = await lineOf(open().check());
      if (keyId === "")
        assert.match(
          line,
          new RegExp(
            `^S3_SSE: the policy of S3_BUCKET=\\S+ at S3_ENDPOINT=http:\\S+ requires encryption: set S3_SSE=${algorithm}\\. The server: AccessDenied: explicit deny: encrypt with our key$`,
          ),
        );
      else
        assert.match(
          line,
          /^AWS_ACCESS_KEY_ID: no permission to write .*: AccessDenied: explicit deny: .*S3_SSE and S3_SSE_KMS_KEY_ID/,
        );
      const store = open({ S3_SSE: algorithm, ...(keyId !== "" && { S3_SSE_KMS_KEY_ID: keyId }) });
      await store.check();
      assert.equal(await store.putNew("raw/a", bytes), "created");
      assert.equal(String(await store.get("raw/a")), "1");
    });
  }

  it("supports no checksums: the line names the setting, and with it the store works", async () => {
    proxy.refusal = ({ headers }) =>
      Object.keys(headers).some((name) => /^x-amz-(sdk-)?(checksum|trailer)/.test(name))
        ? { status: 501, code: "NotImplemented", message: "A header you provided is not implemented" }
        : null;
    const line = await lineOf(open().check());
    assert.match(line, /^S3_CHECKSUMS: the server of S3_BUCKET=\S+ at S3_ENDPOINT=\S+ does not support checksums: /);
    assert.match(line, /set S3_CHECKSUMS=when_required\. .*A header you provided is not implemented/);
    const store = open({ S3_CHECKSUMS: "when_required" });
    await store.check();
    assert.equal(await store.putNew("raw/a", bytes), "created");
    assert.equal(String(await store.get("raw/a")), "1");
  });

  for (const [what, permission, matches] of [
    ["written", "write (s3:PutObject)", ({ method }: { method?: string }) => method === "PUT"],
    ["listed", "list (s3:ListBucket)", ({ url }: { url?: string }) => url!.includes("list-type=2")],
    [
      "read",
      "read (s3:GetObject)",
      ({ method, url }: { method?: string; url?: string }) => method === "GET" && url!.includes("probe"),
    ],
  ] as const) {
    it(`may not be ${what}: the probe says so in the server's words, until it may be`, async () => {
      proxy.refusal = (request) =>
        matches(request) ? { status: 403, code: "AccessDenied", message: "not\nfor you" } : null;
      const store = open();
      for (let time = 0; time < 2; time++) {
        const line = await lineOf(store.check());
        assert(line.startsWith(`AWS_ACCESS_KEY_ID: no permission to ${permission} in S3_BUCKET=`), line);
        assert.match(line, /: AccessDenied: not for you/);
      }
      proxy.refusal = () => null;
      await store.check();
    });
  }

  it("needs no permission to delete, nor for keys outside raw/, and does not list the object of the probe", async () => {
    proxy.refusal = ({ method, url }) => {
      const allowed = url!.includes("list-type=2") ? url!.includes("%2Fraw%2F") : url!.includes("/raw/");
      return method !== "DELETE" && allowed ? null : { status: 403, code: "AccessDenied", message: "no" };
    };
    for (let start = 0; start < 3; start++) {
      const store = open();
      await store.check();
      assert.equal(await store.putNew(`raw/${start}`, bytes), "created");
    }
    const keys: string[] = [];
    for await (const { key } of open().list("raw/")) keys.push(key);
    assert.deepEqual(keys, ["raw/0", "raw/1", "raw/2"]);
  });

  it("has only the lake's files in raw/, if other keys may be written", async () => {
    const store = open();
    await store.check();
    await store.putNew("raw/a", bytes);
    const client = openS3Client(configOf({}));
    const { bucket: Bucket, prefix } = configOf({});
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
    client.destroy();
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      [`${prefix}.probe`, `${prefix}raw/a`],
    );
  });

  const remaining = async (store: S3Store) => {
    const keys: string[] = [];
    for await (const { key } of store.list("raw/")) keys.push(key);
    return keys;
  };

  it("removes a thousand objects with one request", async () => {
    const store = open();
    const keys = Array.from({ length: 1001 }, (_, at) => `raw/${at}`);
    for (let at = 0; at < keys.length; at += 100)
      await Promise.all(keys.slice(at, at + 100).map((key) => store.putNew(key, bytes)));
    const before = proxy.requests;
    await store.removeAll(keys);
    assert.equal(proxy.requests - before, 2);
    assert.deepEqual(await remaining(store), []);
  });

  for (const [status, code] of [
    [501, "NotImplemented"],
    [400, "MissingContentMD5"],
    [405, "MethodNotAllowed"],
  ] as const) {
    it(`cannot remove several objects with one request (${code}): they are removed one by one`, async () => {
      const store = open();
      for (const key of ["raw/1", "raw/2", "raw/3"]) await store.putNew(key, bytes);
      let refused = 0;
      proxy.refusal = ({ method }) => {
        if (method !== "POST") return null;
        refused++;
        return { status, code, message: "not here" };
      };
      await store.removeAll(["raw/1", "raw/2"]);
      await store.removeAll(["raw/3"]);
      assert.deepEqual(await remaining(store), []);
      assert.equal(refused, 1);
    });
  }

  it("may not delete: the line names the permission, and nothing is removed", async () => {
    const store = open();
    await store.putNew("raw/1", bytes);
    const denied = "<Error><Key>k</Key><Code>AccessDenied</Code><Message>not for you</Message></Error>";
    for (const [status, body] of [
      [403, null],
      [200, `<DeleteResult>${denied}</DeleteResult>`],
    ] as const) {
      proxy.refusal = ({ method }) =>
        method === "POST" ? { status, code: "AccessDenied", message: "not for you", body } : null;
      assert.match(
        await lineOf(store.removeAll(["raw/1"])),
        /^AWS_ACCESS_KEY_ID: no permission to delete \(s3:DeleteObject\) in S3_BUCKET=\S+ .*AccessDenied: not for you/,
      );
    }
    assert.deepEqual(await remaining(store), ["raw/1"]);
  });

  it("is probed once, and again only after a failure", async () => {
    const store = open();
    proxy.refusal = refusePuts;
    await lineOf(store.putNew("raw/a", bytes));
    proxy.refusal = () => null;
    await store.check();
    const before = proxy.requests;
    await Promise.all([store.putNew("raw/a", bytes), store.putNew("raw/b", bytes)]);
    assert.equal(proxy.requests - before, 2);
  });

  it("refuses invalid variables, and names them", () => {
    const S3_BUCKET = "lake";
    assert.throws(
      () => s3Config({ S3_BUCKET, S3_SSE: "aws" }),
      /^Error: S3_SSE: invalid "aws": expected AES256 or aws:kms$/,
    );
    assert.throws(() => s3Config({ S3_BUCKET, S3_SSE_KMS_KEY_ID: "k" }), /^Error: S3_SSE_KMS_KEY_ID is set: .*S3_SSE=/);
    assert.throws(
      () => s3Config({ S3_BUCKET, S3_SSE: "aws:kms", S3_SSE_KMS_KEY_ID: "a b" }),
      /^Error: S3_SSE_KMS_KEY_ID: invalid "a b": expected/,
    );
    assert.throws(
      () => s3Config({ S3_BUCKET, S3_CHECKSUMS: "never" }),
      /^Error: S3_CHECKSUMS: invalid "never": expected when_required or when_supported$/,
    );
    assert.deepEqual(s3Config({ S3_BUCKET, S3_SSE: "aes256" })?.encryption, { algorithm: "AES256", kmsKeyId: null });
  });
});
