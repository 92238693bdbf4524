/** Makes hard links fail as on a file system without them. Takes effect when loaded with `node --import`, too. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { link } = fs.promises;

export function forbidHardLinks(): void {
  fs.promises.link = async () => {
    throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM", syscall: "link" });
  };
  syncBuiltinESMExports();
}

export function allowHardLinks(): void {
  fs.promises.link = link;
  syncBuiltinESMExports();
}

if (process.execArgv.some((argument) => argument.includes(import.meta.filename))) forbidHardLinks();
