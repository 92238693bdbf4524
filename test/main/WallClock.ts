/** Sets the wall clock of a program that runs, by libfaketime. Its monotonic clock stays right. apt-get installs the library if it is missing. */
import { globSync, writeFileSync } from "node:fs";
import path from "node:path";
import { debianProgram } from "../../tools/services/native/apt.ts";

const find = () => globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0] ?? null;

export class WallClock {
  /** The environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;

  private constructor(library: string, file: string) {
    this.#file = file;
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
    this.set(0);
  }

  /** A clock that is right. Rejects with an error that names the package if it cannot be installed. */
  static async open(folder: string): Promise<WallClock> {
    return new WallClock(await debianProgram("libfaketime", find), path.join(folder, "wall-clock"));
  }

  /** From now on the clock is wrong by this many seconds. */
  set(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? "" : "+"}${seconds}`);
  }
}
