/**
 * Earlier versions stored the metadata of `FOLDER/NAME` in `FOLDER/.NAME.metadata`, beside the object. Programs that read the folder
 * as one data set fail at such files.
 */
import { readdir, rename } from "node:fs/promises";
import path from "node:path";
import { nullIfMissing } from "../files/nullIfMissing.ts";

/** The only objects with metadata were in this folder. Other folders may belong to other namespaces. */
const FOLDER = "raw/";
const FORMER = /^\.(.+)\.metadata$/;

/**
 * Moves the metadata of the objects in the store's directory `root` to the place of today.
 * @param placeOf resolves to the new file for the metadata of an object, in an existing folder.
 */
export async function moveFormerMetadata(root: string, placeOf: (key: string) => Promise<string>): Promise<void> {
  for await (const { folder, name } of filesIn(root, FOLDER)) {
    const key = FORMER.exec(name)?.[1];
    if (key === undefined) continue;
    // A process of the earlier version may delete it meanwhile.
    await rename(path.join(root, folder, name), await placeOf(folder + key)).catch(nullIfMissing);
  }
}

/** The files in the folder and in all folders below it. @param folder ends with a slash. */
async function* filesIn(root: string, folder: string): AsyncGenerator<{ folder: string; name: string }> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(nullIfMissing);
  for (const entry of entries ?? []) {
    if (!entry.isDirectory()) yield { folder, name: entry.name };
    else yield* filesIn(root, `${folder}${entry.name}/`);
  }
}
