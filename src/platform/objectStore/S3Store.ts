/**
 * An object store in an S3 bucket. An object is created by one `PutObject` with `IfNoneMatch: "*"`; the status 412 means
 * "exists". No object is created before a probe has shown that the server refuses to overwrite. If the server asks for a
 * retry, a request is retried a limited number of times with a growing backoff. Errors never contain a secret.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Backoff } from "../async/Backoff.ts";
import { BulkRemoval } from "./BulkRemoval.ts";
import { type ByteRange, checkKey, type ObjectEntry, type ObjectInfo, type ObjectStore } from "./ObjectStore.ts";
import { ATTEMPTS, openS3Client, putIfNew } from "./s3Client.ts";
import type { S3Config } from "./s3Config.ts";
import { probeReading, probeWriting, type SendPut } from "./s3Probe.ts";
import { codeOf, describeS3Problem, type S3Action, statusOf } from "./s3Problem.ts";

/** Backoff after a conflict of conditional writes (409). S3 asks clients to repeat such writes. */
const CONFLICT_FIRST_MS = 50;
const CONFLICT_LAST_MS = 1_000;
/** Names that begin with a dot are reserved for the store itself. */
const RESERVED = /(^|\/)\./;

export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #config: S3Config;
  readonly #bucket: string;
  readonly #closing = new AbortController();
  readonly #bulkRemoval: BulkRemoval;
  /** The probe of this store; null before the first one and after a failed one. */
  #probe: Promise<void> | null = null;

  constructor(config: S3Config) {
    this.#config = config;
    this.#bucket = config.bucket;
    this.#client = openS3Client(config);
    this.#bulkRemoval = new BulkRemoval(this.#client, config.bucket);
  }

  async putNew(key: string, bytes: Uint8Array, metadata: Readonly<Record<string, string>> = {}) {
    const put = putIfNew(this.#config, this.#keyOf(key), bytes, metadata);
    await this.#probeOnce();
    return this.#guard("write", () => this.#sendPut(put));
  }

  async get(key: string, range?: ByteRange): Promise<Buffer | null> {
    if (range !== undefined && range.to <= range.from) return (await this.head(key)) === null ? null : Buffer.alloc(0);
    const get = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: this.#keyOf(key),
      ...(range !== undefined && { Range: `bytes=${range.from}-${range.to - 1}` }),
    });
    return this.#guard("read", async () => {
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
    return this.#guard("read", async () => {
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
      const page = await this.#guard("list", () =>
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
      for (const { Key = "", Size = 0 } of page.Contents ?? []) {
        const key = Key.slice(root.length);
        if (!RESERVED.test(key)) yield { key, size: Size };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async remove(key: string): Promise<void> {
    const remove = new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#keyOf(key) });
    await this.#guard("delete", async () => {
      try {
        await this.#client.send(remove);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    const full = keys.map((key) => this.#keyOf(key));
    if (await this.#guard("delete", () => this.#bulkRemoval.remove(full))) return;
    for (const key of keys) await this.remove(key);
  }

  async check(): Promise<void> {
    await probeReading(this.#probeOptions());
    await this.#probeOnce();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#client.destroy();
  }

  #keyOf(key: string): string {
    checkKey(key);
    return this.#config.prefix + key;
  }

  #probeOnce(): Promise<void> {
    this.#probe ??= probeWriting(this.#probeOptions()).catch((error) => {
      this.#probe = null;
      throw error;
    });
    return this.#probe;
  }

  #probeOptions() {
    return { client: this.#client, config: this.#config, send: this.#sendPut };
  }

  readonly #sendPut: SendPut = async (put, client = this.#client) => {
    const backoff = new Backoff(CONFLICT_FIRST_MS, CONFLICT_LAST_MS);
    for (let attempt = 1; ; attempt++) {
      try {
        await client.send(put);
        return "created";
      } catch (error) {
        if (statusOf(error) === 412) return "exists";
        if (statusOf(error) !== 409 || attempt === ATTEMPTS) throw error;
        await backoff.wait(this.#closing.signal);
      }
    }
  };

  async #guard<T>(action: S3Action, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new Error(describeS3Problem(error, this.#config, action), { cause: error });
    }
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "NoSuchKey";
}
