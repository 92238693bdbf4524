/** The command-line options of the load test, with defaults and ranges. */
import os from "node:os";
import { parseArgs } from "node:util";
import { arenaBots } from "./arenaBots.ts";
import { LIMITS, type LimitName, type Limits } from "./limits.ts";

export interface LoadSettings {
  /** http or https, without a trailing slash. */
  readonly url: string;
  readonly mode: string;
  readonly kind: "wire" | "sdk";
  /** `shared`: the wire bots of a room decode each patch once. Only possible if all clients get the same patches. */
  readonly decode: "shared" | "own";
  readonly bots: number;
  /** Frames that each bot sends per second. */
  readonly rate: number;
  /** Duration of the run, including the ramp. */
  readonly seconds: number;
  /** Seconds over which the bots join, evenly. */
  readonly ramp: number;
  readonly seed: number;
  readonly workers: number;
  /** URLs of `/metrics`, one per server process. */
  readonly metrics: readonly string[];
  /** Processes on this machine whose CPU and memory are read from /proc. */
  readonly pids: readonly number[];
}

export interface LoadOptions {
  readonly settings: LoadSettings;
  readonly limits: Limits;
  readonly json: string | null;
  readonly html: string | null;
}

export class OptionError extends Error {}

const WIRE_BOTS_PER_WORKER = 600;
const SDK_BOTS_PER_WORKER = 100;

const flags = {
  url: { type: "string" },
  mode: { type: "string", default: "ffa" },
  bots: { type: "string", default: "16" },
  rate: { type: "string", default: "20" },
  seconds: { type: "string", default: "30" },
  ramp: { type: "string" },
  kind: { type: "string", default: "wire" },
  decode: { type: "string", default: "shared" },
  seed: { type: "string", default: "1" },
  workers: { type: "string" },
  limit: { type: "string", multiple: true, default: [] as string[] },
  metrics: { type: "string", multiple: true, default: [] as string[] },
  pid: { type: "string", multiple: true, default: [] as string[] },
  json: { type: "string" },
  html: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

export function helpText(): string {
  const limits = Object.entries(LIMITS).map(([name, { about }]) => `  ${name.padEnd(20)} ${about}`);
  return `npm run loadtest -- --url URL [options]

Options, with the default in brackets:
  --url URL            server: http(s)://host[:port][/path]; required
  --mode MODE          ${arenaBots.modes.join(", ")} (ffa)
  --bots N             number of bots that play at once (16)
  --rate HZ            frames that each bot sends per second (20, the default tick rate)
  --seconds S          duration of the run, including the ramp (30)
  --ramp S             seconds over which the bots join, evenly; percentiles leave them out (a fifth of the run)
  --kind wire|sdk      wire: raw WebSockets, thousands of bots per core; sdk: the unmodified Colyseus SDK, a few hundred (wire)
  --decode shared|own  shared: the wire bots of a room decode each patch once; own: each bot decodes for itself, for a server
                       that does not send all clients the same patches (shared)
  --seed N             seed of the bots' random decisions (1)
  --workers N          threads (one per ${WIRE_BOTS_PER_WORKER} wire or ${SDK_BOTS_PER_WORKER} SDK bots, at most one per core)
  --metrics URL        /metrics of a server process; may be repeated (URL/metrics)
  --pid PID            process on this machine whose CPU and memory are read from /proc; may be repeated
  --limit NAME=VALUE   exit with code 1 if the measured value is higher; may be repeated
  --json FILE          write the result as JSON
  --html FILE          write a report with plots, in one file

Limits, in ms unless stated otherwise:
${limits.join("\n")}

Bots use the game's own bot logic on the state that a client receives. Each bot is an anonymous player. If the server allows
fewer sign-ins, fewer bots play. Exit codes: 0 all limits kept, 1 a limit exceeded, 2 the run could not be made.
`;
}

/** Returns null if `--help` is among the arguments. Throws an `OptionError` with a one-line message if an option is invalid. */
export function readOptions(args: readonly string[]): LoadOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const url = urlOf("url", values.url ?? "");
  if (!arenaBots.modes.includes(values.mode))
    throw new OptionError(
      `--mode: invalid ${JSON.stringify(values.mode)}: expected one of ${arenaBots.modes.join(", ")}`,
    );
  const { kind } = values;
  if (kind !== "wire" && kind !== "sdk")
    throw new OptionError(`--kind: invalid ${JSON.stringify(kind)}: expected wire or sdk`);
  const { decode } = values;
  if (decode !== "shared" && decode !== "own")
    throw new OptionError(`--decode: invalid ${JSON.stringify(decode)}: expected shared or own`);
  const bots = whole("bots", values.bots, 1, 100_000);
  const seconds = number("seconds", values.seconds, 1, 86_400);
  const perWorker = kind === "wire" ? WIRE_BOTS_PER_WORKER : SDK_BOTS_PER_WORKER;
  const workers = Math.min(Math.ceil(bots / perWorker), os.availableParallelism());
  return {
    settings: {
      ...{ url, mode: values.mode, kind, decode, bots, seconds },
      rate: number("rate", values.rate, 0.1, 240),
      ramp: values.ramp === undefined ? seconds / 5 : number("ramp", values.ramp, 0, seconds),
      seed: whole("seed", values.seed, 0, 2 ** 31 - 1),
      workers: values.workers === undefined ? workers : whole("workers", values.workers, 1, 256),
      metrics: values.metrics.length === 0 ? [`${url}/metrics`] : values.metrics.map((text) => urlOf("metrics", text)),
      pids: values.pid.map((text) => whole("pid", text, 1, 2 ** 31 - 1)),
    },
    limits: Object.fromEntries(values.limit.map(limitOf)),
    json: values.json ?? null,
    html: values.html ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true });
  } catch (error) {
    throw new OptionError(`${(error as Error).message.split(". ")[0]}; use --help for a list of the options`);
  }
}

function urlOf(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new OptionError(`--${flag}: invalid ${JSON.stringify(text)}: expected http(s)://host[:port][/path]`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function number(flag: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new OptionError(`--${flag}: invalid ${JSON.stringify(text)}: expected a number from ${min} to ${max}`);
  return value;
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = number(flag, text, min, max);
  if (!Number.isInteger(value))
    throw new OptionError(`--${flag}: invalid ${JSON.stringify(text)}: expected a whole number`);
  return value;
}

function limitOf(text: string): [LimitName, number] {
  const [name, value = ""] = text.split("=");
  if (!Object.hasOwn(LIMITS, name))
    throw new OptionError(
      `--limit: invalid ${JSON.stringify(name)}: expected one of ${Object.keys(LIMITS).join(", ")}`,
    );
  return [name as LimitName, number(`limit ${name}`, value, 0, 1e12)];
}
