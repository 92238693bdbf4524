/** Owns what may be said on the command line, and what it means. Throws `OptionError` with one line on anything else. */
import os from "node:os";
import { parseArgs } from "node:util";
import { arenaBots } from "./arenaBots.ts";
import { LIMITS, type LimitName, type Limits } from "./limits.ts";

export interface LoadSettings {
  /** http or https, without a slash at its end. */
  readonly url: string;
  readonly mode: string;
  readonly kind: "wire" | "sdk";
  /** Whether wire bots of one room share what they decode, as they can where all clients get the same patches. */
  readonly decode: "shared" | "own";
  readonly bots: number;
  /** Frames that each bot sends per second. */
  readonly rate: number;
  /** The whole run, ramp included. */
  readonly seconds: number;
  /** Over which the bots come, evenly. */
  readonly ramp: number;
  readonly seed: number;
  readonly workers: number;
  /** Addresses of `/metrics`, one per server process. */
  readonly metrics: readonly string[];
  /** Processes of this machine whose CPU and memory are read from /proc. */
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

  --url URL            the server: http(s)://host[:port][/path]
  --mode MODE          ${arenaBots.modes.join(", ")} (ffa)
  --bots N             how many play at once (16)
  --rate HZ            frames that each sends per second (20, the default tick rate)
  --seconds S          the whole run (30)
  --ramp S             over which the bots come, evenly (a fifth of the run); percentiles leave it out
  --kind wire|sdk      raw WebSocket clients, thousands a core; or the unmodified SDK, a few hundred (wire)
  --decode shared|own  whether wire bots of a room decode a patch once or each for itself: own where a server does not send
                       all clients the same, or is no Hypogeum (shared)
  --seed N             how the bots play follows from it (1)
  --workers N          threads (one per ${WIRE_BOTS_PER_WORKER} wire or ${SDK_BOTS_PER_WORKER} SDK bots, at most one per core)
  --metrics URL        /metrics of a server process; once for each (URL/metrics)
  --pid PID            a process of this machine whose CPU and memory are read from /proc; once for each
  --limit NAME=VALUE   the exit code is 1 where the figure is above; once for each
  --json FILE          the result
  --html FILE          a report with plots, in one file

Limits, in ms where nothing else is said:
${limits.join("\n")}

Bots play by the game's own bot logic on what a client sees. Each is a player who signed in anonymously; where the server allows
fewer sign-ins, bots share identities. Exit codes: 0 within the limits, 1 past one, 2 the run could not be made.
`;
}

/** Null where help was asked for. */
export function readOptions(args: readonly string[]): LoadOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const url = urlOf("url", values.url ?? "");
  if (!arenaBots.modes.includes(values.mode))
    throw new OptionError(`--mode: ${JSON.stringify(values.mode)} was read, allowed are ${arenaBots.modes.join(", ")}`);
  const { kind } = values;
  if (kind !== "wire" && kind !== "sdk")
    throw new OptionError(`--kind: ${JSON.stringify(kind)} was read, allowed are wire and sdk`);
  const { decode } = values;
  if (decode !== "shared" && decode !== "own")
    throw new OptionError(`--decode: ${JSON.stringify(decode)} was read, allowed are shared and own`);
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
    throw new OptionError(`${(error as Error).message.split(". ")[0]}; --help tells what there is`);
  }
}

function urlOf(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new OptionError(`--${flag}: ${JSON.stringify(text)} was read, allowed is http(s)://host[:port][/path]`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function number(flag: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new OptionError(`--${flag}: ${JSON.stringify(text)} was read, allowed are ${min} to ${max}`);
  return value;
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = number(flag, text, min, max);
  if (!Number.isInteger(value)) throw new OptionError(`--${flag}: ${JSON.stringify(text)} is no whole number`);
  return value;
}

function limitOf(text: string): [LimitName, number] {
  const [name, value = ""] = text.split("=");
  if (!Object.hasOwn(LIMITS, name))
    throw new OptionError(`--limit: ${JSON.stringify(name)} was read, there are ${Object.keys(LIMITS).join(", ")}`);
  return [name as LimitName, number(`limit ${name}`, value, 0, 1e12)];
}
