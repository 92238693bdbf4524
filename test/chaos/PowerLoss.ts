/** Counterpart of `losePower.ts`: reduces the data directory of a host to what survives a power loss. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const flat = (dataDir: string, file: string) => encodeURIComponent(path.relative(dataDir, file)) || "%2E";

export const contentPath = (shadowDir: string, dataDir: string, file: string) =>
  path.join(shadowDir, `content ${flat(dataDir, file)}`);
export const namesPath = (shadowDir: string, dataDir: string, directory: string) =>
  path.join(shadowDir, `names ${flat(dataDir, directory)}`);

export class PowerLoss {
  readonly #dataDir: string;
  readonly #shadowDir: string;

  /** @param folder used by this object alone. */
  constructor(folder: string, dataDir: string) {
    this.#dataDir = dataDir;
    this.#shadowDir = path.join(folder, "shadow");
    for (const directory of [dataDir, this.#shadowDir]) mkdirSync(directory, { recursive: true });
  }

  get nodeArgs(): readonly string[] {
    return ["--import", path.join(import.meta.dirname, "losePower.ts")];
  }

  get env(): Readonly<Record<string, string>> {
    return { POWER_DATA_DIR: this.#dataDir, POWER_SHADOW_DIR: this.#shadowDir };
  }

  /** Replaces the data directory with what was synced. The processes of the host must be dead. */
  restore(): void {
    rmSync(this.#dataDir, { recursive: true });
    mkdirSync(this.#dataDir);
    this.#restore(this.#dataDir);
  }

  #restore(directory: string): void {
    const listing = namesPath(this.#shadowDir, this.#dataDir, directory);
    if (!existsSync(listing)) return;
    const names = JSON.parse(readFileSync(listing, "utf8")) as { name: string; folder: boolean }[];
    for (const { name, folder } of names) {
      const file = path.join(directory, name);
      const content = contentPath(this.#shadowDir, this.#dataDir, file);
      if (folder) {
        mkdirSync(file);
        this.#restore(file);
      } else writeFileSync(file, existsSync(content) ? readFileSync(content) : "");
    }
  }
}
