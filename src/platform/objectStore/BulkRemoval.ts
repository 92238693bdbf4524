/** Removes objects of an S3 bucket with `DeleteObjects`, which not every server supports. */
import { DeleteObjectsCommand, type S3Client } from "@aws-sdk/client-s3";
import { statusOf } from "./s3Problem.ts";

/** The most that S3 accepts in one request. */
const KEYS_MAX = 1000;
/** Of servers that do not know the request, or that expect a checksum of another kind. */
const UNSUPPORTED = new Set([400, 404, 405, 411, 501]);

export class BulkRemoval {
  readonly #client: S3Client;
  readonly #bucket: string;
  #isSupported = true;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /**
   * Resolves to false if the server does not support it, and then removes nothing. Rejects with an error like those of the SDK if an
   * object could not be removed; others may have been removed.
   * @param keys the full keys.
   */
  async remove(keys: readonly string[]): Promise<boolean> {
    for (let at = 0; this.#isSupported && at < keys.length; at += KEYS_MAX) {
      try {
        await this.#removePage(keys.slice(at, at + KEYS_MAX));
      } catch (error) {
        if (!UNSUPPORTED.has(statusOf(error)) || codeOfBucket(error)) throw error;
        this.#isSupported = false;
      }
    }
    return this.#isSupported;
  }

  async #removePage(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
    );
    const failed = Errors.find(({ Code }) => Code !== "NoSuchKey");
    if (failed === undefined) return;
    const { Code = "Error", Message = "", Key } = failed;
    const $metadata = { httpStatusCode: Code === "AccessDenied" ? 403 : 200 };
    throw Object.assign(new Error(`${Message} (${Key}; ${Errors.length} of ${keys.length} objects)`), {
      ...{ name: Code, $metadata },
    });
  }
}

function codeOfBucket(error: unknown): boolean {
  return (error as Error).name === "NoSuchBucket";
}
