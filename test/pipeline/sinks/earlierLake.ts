/** A lake in a directory that the build before nested columns has written: its files, and the messages that it had stored. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

const FOLDER = path.join(import.meta.dirname, "earlierLake");

export function copyEarlierLake(directory: string): void {
  cpSync(path.join(FOLDER, "raw"), path.join(directory, "raw"), { recursive: true });
}

/** By topic, in the order of the log. */
export function earlierMessages(): OutgoingMessage[] {
  return readFileSync(path.join(FOLDER, "messages.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ value, ...message }) => ({ ...message, value: JSON.stringify(value) }));
}
