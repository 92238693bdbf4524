import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { segmentName, segmentNumbers, segmentsPath } from "./paths.ts";

/** Size of the segment files of an outbox that are not deleted yet. */
export async function storedBytesOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const number of segmentNumbers(await readdir(segmentsPath(directory)))) {
    // Zero if the drain has deleted it since the listing.
    bytes += await stat(join(segmentsPath(directory), segmentName(number))).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}
