/**
 * An object store in a directory. An object is written to a temporary file, which is synced and then gets its name, unless a file
 * of this name exists (`ExclusiveNaming`). So an object is never overwritten, and even after a crash it is either complete or
 * absent.
 *
 * Programs read whole folders of objects as one data set, and some of them also read hidden files there. So all other files are in
 * hidden files and folders of the store's own directory.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { nullIfMissing } from "../files/nullIfMissing.ts";
import { syncDirectory } from "../files/syncDirectory.ts";
import { ExclusiveNaming } from "./ExclusiveNaming.ts";
import { moveFormerMetadata } from "./formerMetadata.ts";
import { type ByteRange, checkKey, type ObjectEntry, type ObjectInfo, type ObjectStore } from "./ObjectStore.ts";

const INCOMING = ".incoming";
const LOCK = ".lock";
/** The metadata of each object, as JSON in a file with the object's own path below this folder. */
const METADATA = ".metadata";
/** Files in `.incoming` that are older than this belong to dead processes, and are removed. */
const ABANDONED_MS = 3_600_000;

interface DirectoryStoreOptions {
  /** Created if it is missing. */
  readonly directory: string;
  /** Name of the environment variable that sets the directory, for error messages. */
  readonly variable: string;
}

export class DirectoryStore implements ObjectStore {
  readonly #root: string;
  readonly #incoming: string;
  readonly #variable: string;
  readonly #naming: ExclusiveNaming;
  #ready: Promise<void> | null = null;

  constructor({ directory, variable }: DirectoryStoreOptions) {
    this.#root = path.resolve(directory);
    this.#incoming = path.join(this.#root, INCOMING);
    this.#variable = variable;
    this.#naming = new ExclusiveNaming(path.join(this.#root, LOCK));
  }

  async putNew(key: string, bytes: Uint8Array, metadata: Readonly<Record<string, string>> = {}) {
    checkKey(key);
    return this.#guard(async () => {
      await this.#prepare();
      const file = this.#fileOf(key);
      const draft = await this.#writeDraft(bytes);
      try {
        await this.#createFolder(path.dirname(file));
        if (!(await this.#naming.tryName(draft, file))) return "exists";
        if (Object.keys(metadata).length > 0) await this.#writeMetadata(key, metadata);
        await syncDirectory(path.dirname(file));
        return "created";
      } finally {
        await rm(draft, { force: true });
      }
    });
  }

  async get(key: string, range?: ByteRange): Promise<Buffer | null> {
    checkKey(key);
    return this.#guard(async () => {
      if (range === undefined) return readFile(this.#fileOf(key));
      const file = await open(this.#fileOf(key));
      try {
        const buffer = Buffer.alloc(Math.max(0, range.to - range.from));
        return buffer.subarray(0, await readWhole(file, buffer, range.from));
      } finally {
        await file.close();
      }
    }).catch(nullIfMissing);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    checkKey(key);
    const file = this.#fileOf(key);
    const info = await this.#guard(() => stat(file)).catch(nullIfMissing);
    if (!info?.isFile()) return null;
    const metadata = await readFile(this.#metadataFileOf(key), "utf8").catch(nullIfMissing);
    return { size: info.size, metadata: metadata === null ? {} : JSON.parse(metadata) };
  }

  list(prefix: string, startAfter = ""): AsyncIterable<ObjectEntry> {
    return this.#walk("", prefix, startAfter);
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    const file = this.#fileOf(key);
    await this.#guard(async () => {
      await rm(file, { force: true });
      await rm(this.#metadataFileOf(key), { force: true });
    });
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key);
  }

  async check(): Promise<void> {
    await this.#guard(async () => {
      await this.#prepare();
      await readdir(this.#root);
      const draft = await this.#writeDraft("");
      const named = `${draft}.probe`;
      try {
        await this.#naming.tryName(draft, named);
      } finally {
        await rm(draft, { force: true });
        await rm(named, { force: true });
      }
      await moveFormerMetadata(this.#root, (key) => this.#createdMetadataFileOf(key));
    });
  }

  async close(): Promise<void> {}

  #fileOf(key: string): string {
    return path.join(this.#root, key);
  }

  #metadataFileOf(key: string): string {
    return path.join(this.#root, METADATA, key);
  }

  /** Also creates the file's folder. */
  async #createdMetadataFileOf(key: string): Promise<string> {
    const file = this.#metadataFileOf(key);
    await mkdir(path.dirname(file), { recursive: true });
    return file;
  }

  async #writeMetadata(key: string, metadata: Readonly<Record<string, string>>): Promise<void> {
    const file = await this.#createdMetadataFileOf(key);
    await rename(await this.#writeDraft(JSON.stringify(metadata)), file);
  }

  async *#walk(folder: string, prefix: string, startAfter: string): AsyncGenerator<ObjectEntry> {
    const entries = await this.#guard(() => readdir(path.join(this.#root, folder), { withFileTypes: true })).catch(
      nullIfMissing,
    );
    const keys = (entries ?? [])
      .filter(({ name }) => !name.startsWith("."))
      .map((entry) => folder + entry.name + (entry.isDirectory() ? "/" : ""))
      .sort((a, b) => (a < b ? -1 : 1));
    for (const key of keys) {
      if (key.endsWith("/")) {
        const inPrefix = key.startsWith(prefix) || prefix.startsWith(key);
        if (inPrefix && (key > startAfter || startAfter.startsWith(key))) yield* this.#walk(key, prefix, startAfter);
      } else if (key.startsWith(prefix) && key > startAfter) {
        const size = (await stat(this.#fileOf(key)).catch(nullIfMissing))?.size;
        if (size !== undefined) yield { key, size };
      }
    }
  }

  #prepare(): Promise<void> {
    this.#ready ??= this.#openIncoming().catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  async #openIncoming(): Promise<void> {
    await this.#createFolder(this.#incoming);
    for (const name of await readdir(this.#incoming)) {
      const draft = path.join(this.#incoming, name);
      const info = await stat(draft).catch(nullIfMissing);
      if (info !== null && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(draft, { force: true });
    }
  }

  /** Creates `folder`, and syncs each new directory entry, up to the first folder that existed before. */
  async #createFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    for (let at = folder; at.length >= first.length; at = path.dirname(at)) await syncDirectory(path.dirname(at));
  }

  async #writeDraft(content: Uint8Array | string): Promise<string> {
    const draft = path.join(this.#incoming, randomUUID());
    const file = await open(draft, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return draft;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") throw error;
      const line = `${this.#variable}: the directory ${this.#root} cannot be used: ${describeCode(code) ?? (error as Error).message}`;
      throw new Error(line, { cause: error });
    }
  }
}

function describeCode(code: string | undefined): string | null {
  if (code === "EACCES" || code === "EPERM") return `no permission (${code})`;
  if (code === "EROFS") return "read-only (EROFS)";
  if (code === "ENOSPC" || code === "EDQUOT") return `no space left (${code})`;
  if (code === "ENOTDIR" || code === "EISDIR")
    return `a file is where a directory is expected, or the reverse (${code})`;
  return null;
}

async function readWhole(file: FileHandle, buffer: Buffer, from: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}
