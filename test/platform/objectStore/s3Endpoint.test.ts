/** S3_ENDPOINT with a path, as of a server behind a proxy: which URLs are requested. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { openS3Client } from "../../../src/platform/objectStore/s3Client.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";

const ENV = { S3_BUCKET: "lake", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", S3_FORCE_PATH_STYLE: "1" };

describe("S3_ENDPOINT with a path", () => {
  const paths: string[] = [];
  let server: Server;
  before(async () => {
    server = createServer((request, response) => {
      paths.push(request.url!.split("?", 1)[0]);
      response.end("x");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());

  for (const prefix of ["/storage/v1/s3", "/storage/v1/s3/", ""])
    it(`keeps the path "${prefix}" in each request`, async () => {
      const S3_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
      const client = openS3Client(s3Config({ ...ENV, S3_ENDPOINT })!);
      await client.send(new GetObjectCommand({ Bucket: "lake", Key: "raw/a" }));
      client.destroy();
      assert.equal(paths.at(-1), `${prefix.replace(/\/$/, "")}/lake/raw/a`);
    });

  it("cannot have parameters, a fragment or credentials", () => {
    for (const S3_ENDPOINT of ["http://h/?hunter2", "http://h/#hunter2", "http://:hunter2@h", "h:9000", "ftp://h"])
      assert.throws(
        () => s3Config({ ...ENV, S3_ENDPOINT }),
        /^Error: S3_ENDPOINT: invalid value \(not shown\): expected http\(s\):\/\/host\[:port\]\[\/path\]$/,
      );
  });

  it("has a NAMESPACE that cannot leave the bucket's folder", () => {
    for (const NAMESPACE of ["..", ".", "a/b"])
      assert.throws(() => s3Config({ ...ENV, NAMESPACE }), /^Error: NAMESPACE: invalid/);
  });
});
