import { createRequire } from "node:module";

export type Library = typeof import("@platformatic/kafka");

let loaded: Library | null = null;

/** @platformatic/kafka. It is loaded on first use, so a process that uses another client needs no time and memory for it. */
export function library(): Library {
  loaded ??= createRequire(import.meta.url)("@platformatic/kafka") as Library;
  return loaded;
}
