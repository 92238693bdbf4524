/** Says in one line why a module could not be loaded, with the file and the line if the error knows them. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describeThrown } from "../game/GameFault.ts";

const TIMEOUT_MS = 20_000;
/** As Node prints it before a line that it cannot parse. */
const BEFORE_SOURCE = /^((?:file:\/\/|\/).*):(\d+)$/m;
/** In a stack trace. Files of Node itself are no URLs, and the mistake is neither in libraries nor in the module that loads games. */
const IN_STACK = /(file:\/\/(?!.*\/node_modules\/|.*\/loadGames\.)[^\s()]*):(\d+):\d+/;
/** The part of a stack trace above the caller of `defineGame`. */
const WITHIN_DEFINE_GAME = /^[\s\S]*\bdefineGame \(.*$/m;

/** `module` is the one that was imported. The mistake may be in one that it imports. */
export function describeLoadError(error: unknown, module: URL): string {
  const described = error instanceof Error ? lineOf(error) : describeThrown(error);
  const place = placeOf(error, module);
  return place === null ? described : `${described} (${place})`;
}

/** The message of a `GameFault` needs no name before it. */
function lineOf({ name, message }: Error): string {
  const [line] = message.split("\n");
  return name === "GameFault" ? line : `${name}: ${line}`;
}

function placeOf(error: unknown, module: URL): string | null {
  if (!(error instanceof Error)) return null;
  const stack = (error.stack ?? "").replace(WITHIN_DEFINE_GAME, "");
  const found = BEFORE_SOURCE.exec(stack) ?? IN_STACK.exec(stack) ?? placeOfSyntaxError(error, module);
  return found === null ? null : `${fileOf(found[1])}:${found[2]}`;
}

/**
 * Node keeps the place of a syntax error in JavaScript to itself, and prints it only when the error ends a process. The module is
 * not executed there either, because it cannot be parsed.
 */
function placeOfSyntaxError(error: Error, module: URL): RegExpExecArray | null {
  if (!(error instanceof SyntaxError)) return null;
  const load = ["--input-type=module", "--eval", `import ${JSON.stringify(module.href)};`];
  const { stderr } = spawnSync(process.execPath, load, { encoding: "utf8", timeout: TIMEOUT_MS });
  return BEFORE_SOURCE.exec(stderr ?? "");
}

function fileOf(found: string): string {
  const file = found.startsWith("file:") ? fileURLToPath(found) : found;
  return path.relative(process.cwd(), file);
}
