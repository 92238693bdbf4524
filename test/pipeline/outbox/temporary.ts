/** Temporary directories for a test, and outboxes in them that are closed with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OutboxReader, OutboxRecord } from "../../../src/pipeline/outbox/Outbox.ts";

export class Temporary {
  readonly dataDir = mkdtempSync(join(tmpdir(), "outbox-"));
  private readonly open: { close(): Promise<void> }[] = [];

  /** Closes the resource when the test ends. Returns it. */
  closeAtEnd<T extends { close(): Promise<void> }>(resource: T): T {
    this.open.push(resource);
    return resource;
  }

  async end(): Promise<void> {
    for (const resource of this.open.splice(0).reverse()) await resource.close();
    rmSync(this.dataDir, { recursive: true });
  }
}

export async function readAll(reader: OutboxReader, after = 0): Promise<OutboxRecord[]> {
  const all: OutboxRecord[] = [];
  for (;;) {
    const { records, next } = await reader.read(after, 4096);
    if (records.length === 0) return all;
    all.push(...records.map((record) => ({ ...record, bytes: Buffer.from(record.bytes) })));
    after = next;
  }
}

export function textOf({ bytes }: OutboxRecord): string {
  return Buffer.from(bytes).toString();
}

export function appendText(writer: { append(bytes: Uint8Array, length: number): number }, text: string): number {
  const bytes = Buffer.from(text);
  return writer.append(bytes, bytes.length);
}
