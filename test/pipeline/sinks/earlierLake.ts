/**
 * A lake in a directory that the build before nested columns has written (`earlier.TOPIC.parquet`), and the messages that it had stored
 * (`earlier.messages.jsonl`).
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

const TOPICS = ["logs_match", "logs_input", "logs_stats"];
const HERE = import.meta.dirname;

/** Also writes the hidden files that the build wrote beside its files. */
export function copyEarlierLake(directory: string): void {
  for (const topic of TOPICS) {
    const folder = path.join(directory, `raw/${topic}/dt=2026-02-03/hour=12`);
    const name = `${topic}-0-00000000000000000000.parquet`;
    mkdirSync(folder, { recursive: true });
    copyFileSync(path.join(HERE, `earlier.${topic}.parquet`), path.join(folder, name));
    writeFileSync(path.join(folder, `.${name}.metadata`), '{"first-offset":"0"}');
  }
}

/** By topic, in the order of the log. */
export function earlierMessages(): OutgoingMessage[] {
  return readFileSync(path.join(HERE, "earlier.messages.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ value, ...message }) => ({ ...message, value: JSON.stringify(value) }));
}
