/** The policy on a real S3 server: the lake's store under it, and what it denies. */
import assert from "node:assert/strict";
import {
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { uniqueNamespace } from "../../../tools/services/startServices.ts";
import { objectStoreContract } from "../../platform/objectStore/contract.ts";
import { leastPrivileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("the policy of the lake", function () {
  this.timeout(240_000);
  const services = useServices("s3");

  /** A namespace of its own, and a user who may use it alone. */
  async function limited(): Promise<Record<string, string>> {
    const { DATABASE_URL: _, WAREHOUSE_URL: __, REDIS_URL: ___, KAFKA_BROKERS: ____, ...env } = services().admin;
    const all = { ...env, NAMESPACE: uniqueNamespace() };
    return { ...all, ...(await leastPrivileges(all)) };
  }

  objectStoreContract("a bucket with the policy", async () => {
    return new S3Store({ ...s3Config(await limited())!, pageSize: 10 });
  });

  it("denies everything outside the namespace, and everything about the bucket", async () => {
    const env = await limited();
    const client = new S3Client({
      ...{ endpoint: env.S3_ENDPOINT, region: env.AWS_REGION, forcePathStyle: true },
      credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
    });
    const Bucket = env.S3_BUCKET;
    await client.send(new PutObjectCommand({ Bucket, Key: `${env.NAMESPACE}/raw/x`, Body: "x" }));
    const denied = [
      new PutObjectCommand({ Bucket, Key: "other/raw/x", Body: "x" }),
      new GetObjectCommand({ Bucket, Key: "other/raw/x" }),
      new ListObjectsV2Command({ Bucket, Prefix: "other/" }),
      new ListObjectsV2Command({ Bucket }),
      new DeleteBucketCommand({ Bucket }),
      new DeleteBucketPolicyCommand({ Bucket }),
      new PutBucketPolicyCommand({ Bucket, Policy: "{}" }),
    ];
    for (const command of denied)
      await assert.rejects(
        client.send(command as PutObjectCommand),
        { name: "AccessDenied" },
        command.constructor.name,
      );
    client.destroy();
  });
});
