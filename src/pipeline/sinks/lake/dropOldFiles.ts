import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { listFiles, type StoredFile } from "./lakeFiles.ts";

/**
 * Deletes the topic's files of the hours before `beforeHour`, except the last file of each partition: that file contains the
 * offset at which the sink continues.
 */
export async function dropOldFiles(objects: ObjectStore, topic: string, beforeHour: number): Promise<void> {
  const kept = new Map<number, StoredFile>();
  const old: StoredFile[] = [];
  for await (const file of listFiles(objects, topic)) {
    const before = kept.get(file.partition);
    if (before === undefined || file.firstOffset > before.firstOffset) kept.set(file.partition, file);
    if (file.hour < beforeHour) old.push(file);
  }
  for (const file of old) if (kept.get(file.partition) !== file) await objects.remove(file.key);
}
