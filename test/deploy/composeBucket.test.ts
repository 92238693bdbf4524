/** Runs the script of compose.yaml that creates the bucket against a real S3 server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { parse } from "yaml";
import { useServices } from "../tools/services/useServices.ts";

const root = path.resolve(import.meta.dirname, "../..");
const exec = promisify(execFile);
const BUCKET = "made-by-compose";

describe("the bucket of compose.yaml", function () {
  this.timeout(240_000);
  const services = useServices("s3");
  const { services: inCompose } = parse(readFileSync(path.join(root, "compose.yaml"), "utf8"), { merge: true });
  const { entrypoint, command } = inCompose.bucket as { entrypoint: string[]; command: string[] };

  it("is created once, and is left alone if it exists", async () => {
    const { S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = services().admin;
    const of = { S3_ENDPOINT, S3_BUCKET: BUCKET, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
    const env = { ...of, AWS_REGION: AWS_REGION ?? "us-east-1" };
    const [, ...args] = [...entrypoint, ...command];
    for (let run = 0; run < 2; run++) await exec(process.execPath, args, { cwd: root, env });
    const client = new S3Client({
      endpoint: S3_ENDPOINT,
      region: env.AWS_REGION,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    });
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    assert.equal(Buckets.filter(({ Name }) => Name === BUCKET).length, 1);
    client.destroy();
    await assert.rejects(exec(process.execPath, args, { cwd: root, env: { ...env, AWS_SECRET_ACCESS_KEY: "wrong" } }));
  });
});
