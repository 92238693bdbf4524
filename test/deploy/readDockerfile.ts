import { readFileSync } from "node:fs";
import path from "node:path";

/** The folder that `docker build` gets. */
export const context = path.resolve(import.meta.dirname, "../..");

/** A line of a stage: `RUN npm ci` has the word `RUN` and the rest `npm ci`. */
export interface Step {
  readonly word: string;
  readonly rest: string;
}

export interface Stage {
  /** For example `node:24-bookworm-slim`. */
  readonly image: string;
  /** Null if it has none. */
  readonly name: string | null;
  readonly steps: readonly Step[];
}

/** The stages, without comments. A line that ends in a backslash continues in the next one. */
export function readDockerfile(): Stage[] {
  return readFileSync(path.join(context, "Dockerfile"), "utf8")
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n\s*/g, "")
    .split(/^(?=FROM )/m)
    .filter((text) => text.startsWith("FROM "))
    .map((text) => {
      const [from, ...steps] = text.split("\n").filter((line) => line !== "");
      const [, image, name = null] = /^FROM (\S+)(?: AS (\S+))?$/.exec(from)!;
      return { image, name, steps: steps.map(stepOf) };
    });
}

function stepOf(line: string): Step {
  return { word: line.split(" ", 1)[0], rest: line.slice(line.indexOf(" ") + 1) };
}

/** What follows the word in each step of a stage that begins with it. */
export function restsOf(stage: Stage, word: string): string[] {
  return stage.steps.filter((step) => step.word === word).map(({ rest }) => rest);
}

/** The variables of a line `ENV A=1 B=2`. */
export function variablesOf(rest: string): Record<string, string> {
  return Object.fromEntries(rest.split(" ").map((pair) => pair.split("=", 2)));
}
