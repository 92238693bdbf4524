/**
 * An object store in an S3 bucket. An object is created by one `PutObject` with `IfNoneMatch: "*"`; the status 412 means
 * "exists". If the server asks for a retry, a request is retried a limited number of times with a growing backoff. Errors never
 * contain a secret.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Backoff } from "../async/Backoff.ts";
import { type ByteRange, checkKey, type ObjectEntry, type ObjectInfo, type ObjectStore } from "./ObjectStore.ts";
import type { S3Config } from "./s3Config.ts";
import { codeOf, describeS3Problem, statusOf } from "./s3Problem.ts";

const ATTEMPTS = 5;
/** Backoff after a conflict of conditional writes (409). S3 asks clients to repeat such writes. */
const CONFLICT_FIRST_MS = 50;
const CONFLICT_LAST_MS = 1_000;
const CONNECT_MS = 5_000;
/** Maximum time without a byte from the server. */
const SILENCE_MS = 60_000;

export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #config: S3Config;
  readonly #bucket: string;
  readonly #closing = new AbortController();

  constructor(config: S3Config) {
    const { endpoint, region, forcePathStyle, credentials } = config;
    this.#config = config;
    this.#bucket = config.bucket;
    this.#client = new S3Client({
      forcePathStyle,
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS, throwOnRequestTimeout: true },
      ...(endpoint !== null && { endpoint }),
      ...(region !== null && { region }),
      ...(credentials !== null && { credentials }),
    });
  }

  async putNew(key: string, bytes: Uint8Array, metadata: Readonly<Record<string, string>> = {}) {
    const Key = this.#keyOf(key);
    const put = new PutObjectCommand({
      Bucket: this.#bucket,
      Key,
      Body: bytes,
      Metadata: { ...metadata },
      IfNoneMatch: "*",
    });
    const backoff = new Backoff(CONFLICT_FIRST_MS, CONFLICT_LAST_MS);
    return this.#guard(async (): Promise<"created" | "exists"> => {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#client.send(put);
          return "created";
        } catch (error) {
          if (statusOf(error) === 412) return "exists";
          if (statusOf(error) !== 409 || attempt === ATTEMPTS) throw error;
          await backoff.wait(this.#closing.signal);
        }
      }
    });
  }

  async get(key: string, range?: ByteRange): Promise<Buffer | null> {
    if (range !== undefined && range.to <= range.from) return (await this.head(key)) === null ? null : Buffer.alloc(0);
    const get = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: this.#keyOf(key),
      ...(range !== undefined && { Range: `bytes=${range.from}-${range.to - 1}` }),
    });
    return this.#guard(async () => {
      try {
        const { Body } = await this.#client.send(get);
        return Buffer.from(await Body!.transformToByteArray());
      } catch (error) {
        if (isMissing(error)) return null;
        if (statusOf(error) === 416) return Buffer.alloc(0);
        throw error;
      }
    });
  }

  async head(key: string): Promise<ObjectInfo | null> {
    const head = new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(key) });
    return this.#guard(async () => {
      try {
        const { ContentLength = 0, Metadata = {} } = await this.#client.send(head);
        return { size: ContentLength, metadata: Metadata };
      } catch (error) {
        // A HEAD response has no body, so a missing bucket looks the same as a missing object. `check` reports a missing bucket.
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string, startAfter = ""): AsyncGenerator<ObjectEntry> {
    const root = this.#config.prefix;
    let token: string | undefined;
    do {
      const page = await this.#guard(() =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: root + prefix,
            MaxKeys: this.#config.pageSize,
            ...(startAfter !== "" && { StartAfter: root + startAfter }),
            ...(token !== undefined && { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key = "", Size = 0 } of page.Contents ?? []) yield { key: Key.slice(root.length), size: Size };
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async remove(key: string): Promise<void> {
    const remove = new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(key) });
    await this.#guard(async () => {
      try {
        await this.#client.send(remove);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  async check(): Promise<void> {
    const first = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#config.prefix, MaxKeys: 1 });
    await this.#guard(() => this.#client.send(first));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#client.destroy();
  }

  #keyOf(key: string): string {
    checkKey(key);
    return this.#config.prefix + key;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new Error(describeS3Problem(error, this.#config), { cause: error });
    }
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "NoSuchKey";
}
