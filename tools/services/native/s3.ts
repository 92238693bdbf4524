/** The S3 server: versitygw, built from its Go module. It stores objects as files. */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { versitygwVersion } from "../versions.ts";
import { cacheLog, ensureCached } from "./ensureCached.ts";
import type { NativeService } from "./Instance.ts";
import { requireProgram, run } from "./run.ts";

const region = "us-east-1";

export const s3: NativeService = {
  stopSignal: "SIGTERM",
  async prepare({ state, folder }, report) {
    const installed = await ensureCached(`versitygw-${versitygwVersion}`, (draft) => build(draft, report));
    const data = path.join(folder, "data");
    // Without a folder of users, the server answers an unknown access key with 404 instead of 403.
    const users = path.join(folder, "iam");
    for (const needed of [data, users]) mkdirSync(needed, { recursive: true });
    return {
      command: path.join(installed, "versitygw"),
      args: ["--port", `127.0.0.1:${state.ports.s3}`, "--region", region, "--quiet", "--iam-dir", users, "posix", data],
      cwd: folder,
      env: { ROOT_ACCESS_KEY: state.s3AccessKeyId, ROOT_SECRET_KEY: state.s3SecretAccessKey },
    };
  },
};

async function build(folder: string, report: (step: string) => void): Promise<void> {
  const command = requireProgram("go", "the S3 server (built from its Go module)", "golang");
  report(`building versitygw ${versitygwVersion} with Go (takes minutes the first time)`);
  const logFile = cacheLog("versitygw");
  const args = [
    "install",
    "-trimpath",
    "-ldflags=-s -w",
    `github.com/versity/versitygw/cmd/versitygw@${versitygwVersion}`,
  ];
  rmSync(logFile, { force: true });
  await run({ command, args, cwd: folder, env: { CGO_ENABLED: "0", GOFLAGS: "", GOBIN: folder }, logFile });
}
