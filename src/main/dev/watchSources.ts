import { watch } from "node:fs";

const SOURCE = /\.([cm]?[jt]s|json)$/;
const NOT_OURS = /(^|[\\/])(node_modules|dist|\.[^\\/]*)([\\/]|$)/;
/** An editor writes a file in several steps. */
const SETTLE_MS = 50;

/** Calls `onChange` after a source file in the directory, or below it, has changed. Returns how to stop. */
export function watchSources(directory: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(directory, { recursive: true }, (_event, file) => {
    if (file === null || !SOURCE.test(file) || NOT_OURS.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
