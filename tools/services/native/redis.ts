/** Redis from Debian's package, with its data in an append-only file. */

import { debianProgram } from "./apt.ts";
import type { NativeService } from "./Instance.ts";
import { findProgram } from "./run.ts";

export const redis: NativeService = {
  stopSignal: "SIGTERM",
  async prepare({ state, folder }, report) {
    const command = await debianProgram("redis-server", () => findProgram("redis-server"), report);
    const options = {
      bind: "127.0.0.1",
      port: String(state.ports.redis),
      dir: folder,
      save: "",
      appendonly: "yes",
      loglevel: "warning",
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    return { command, args, cwd: folder };
  },
};
