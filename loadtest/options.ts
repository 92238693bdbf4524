/** The command-line options of the load test, with defaults and ranges. */
import os from "node:os";
import {
  defineUsage,
  readArguments,
  refusePositionals,
  UsageError,
  usageText,
} from "../src/platform/commandLine/CommandUsage.ts";
import type { BotGame } from "./BotGame.ts";
import { LIMITS, type LimitName, type Limits } from "./limits.ts";
import { loadBotGame } from "./loadBotGame.ts";

export interface LoadSettings {
  /** http or https, without a trailing slash. */
  readonly url: string;
  /** The module of GAMES; undefined: the games that ship. */
  readonly games: string | undefined;
  readonly game: string;
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

const WIRE_BOTS_PER_WORKER = 600;
const SDK_BOTS_PER_WORKER = 100;

/** The default, in a game that has it. */
const MODE = "ffa";

const many = { multiple: true } as const;

const usage = defineUsage({
  command: "npm run loadtest",
  synopsis: "--url URL [OPTIONS]",
  about:
    "Runs bots that play and check what they receive, then prints a summary. Bots use the game's own bot logic on the state\n" +
    "that a client receives. Each bot is an anonymous player. If the server allows fewer sign-ins, fewer bots play.",
  options: {
    url: { value: "URL", about: "server: http(s)://host[:port][/path]; required" },
    game: { value: "NAME", about: "game that the bots play (the first of GAMES; without GAMES, the arena)" },
    mode: { value: "MODE", about: "mode of the game (ffa, or the game's first mode)" },
    bots: { value: "N", fallback: "16", about: "number of bots that play at once" },
    rate: { value: "HZ", fallback: "20", about: "frames that each bot sends per second" },
    seconds: { value: "S", fallback: "30", about: "duration of the run, including the ramp" },
    ramp: {
      value: "S",
      about: "seconds over which the bots join, evenly; percentiles leave them out (a fifth of the run)",
    },
    kind: {
      value: "wire|sdk",
      fallback: "wire",
      about: "wire: raw WebSockets, thousands of bots per core; sdk: the unmodified Colyseus SDK, a few hundred",
    },
    decode: {
      value: "shared|own",
      fallback: "shared",
      about:
        "shared: the wire bots of a room decode each patch once; own: each bot decodes for itself, for a server that does not send all clients the same patches",
    },
    seed: { value: "N", fallback: "1", about: "seed of the bots' random decisions" },
    workers: {
      value: "N",
      about: `threads (one per ${WIRE_BOTS_PER_WORKER} wire or ${SDK_BOTS_PER_WORKER} SDK bots, at most one per core)`,
    },
    metrics: { value: "URL", ...many, about: "/metrics of a server process (URL/metrics)" },
    pid: { value: "PID", ...many, about: "process on this machine whose CPU and memory are read from /proc" },
    limit: { value: "NAME=VALUE", ...many, about: "exit with code 1 if the measured value is higher" },
    json: { value: "FILE", about: "write the result as JSON" },
    html: { value: "FILE", about: "write a report with plots, in one file" },
  },
  settings: ["GAMES"],
  exitCodes: { 0: "all limits kept", 1: "a limit exceeded", 2: "the run could not be made" },
  example: "--url http://localhost:2567 --mode ffa --bots 100 --rate 20 --seconds 30 --html report.html",
});

export function helpText(): string {
  const limits = Object.entries(LIMITS).map(([name, { about }]) => `  ${name.padEnd(20)} ${about}`);
  return `${usageText(usage)}\nLimits, in ms unless stated otherwise:\n${limits.join("\n")}\n`;
}

/** Resolves with null if `--help` is among the arguments. Rejects with a `UsageError` of one line if an option is invalid. */
export async function readOptions(
  args: readonly string[],
  games: string | undefined = process.env.GAMES || undefined,
): Promise<LoadOptions | null> {
  const { values, positionals, isHelp } = readArguments(usage, args);
  if (isHelp) return null;
  refusePositionals(usage, positionals);
  const url = urlOf("url", values.url ?? "");
  const game = await loadBotGame(games, values.game);
  const mode = modeOf(game, values.mode);
  const { kind } = values;
  if (kind !== "wire" && kind !== "sdk")
    throw new UsageError(`--kind: invalid ${JSON.stringify(kind)}: expected wire or sdk`);
  const { decode } = values;
  if (decode !== "shared" && decode !== "own")
    throw new UsageError(`--decode: invalid ${JSON.stringify(decode)}: expected shared or own`);
  const bots = whole("bots", values.bots, 1, 100_000);
  const seconds = number("seconds", values.seconds, 1, 86_400);
  const perWorker = kind === "wire" ? WIRE_BOTS_PER_WORKER : SDK_BOTS_PER_WORKER;
  const workers = Math.min(Math.ceil(bots / perWorker), os.availableParallelism());
  return {
    settings: {
      ...{ url, games, game: game.room, mode, kind, decode, bots, seconds },
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

function modeOf({ modes }: BotGame, mode = modes.includes(MODE) ? MODE : modes[0]): string {
  if (!modes.includes(mode))
    throw new UsageError(`--mode: invalid ${JSON.stringify(mode)}: expected one of ${modes.join(", ")}`);
  return mode;
}

function urlOf(flag: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--${flag}: invalid ${JSON.stringify(text)}: expected http(s)://host[:port][/path]`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function number(flag: string, text: string, min: number, max: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= min && value <= max))
    throw new UsageError(`--${flag}: invalid ${JSON.stringify(text)}: expected a number from ${min} to ${max}`);
  return value;
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = number(flag, text, min, max);
  if (!Number.isInteger(value))
    throw new UsageError(`--${flag}: invalid ${JSON.stringify(text)}: expected a whole number`);
  return value;
}

function limitOf(text: string): [LimitName, number] {
  const [name, value = ""] = text.split("=");
  if (!Object.hasOwn(LIMITS, name))
    throw new UsageError(`--limit: invalid ${JSON.stringify(name)}: expected one of ${Object.keys(LIMITS).join(", ")}`);
  return [name as LimitName, number(`limit ${name}`, value, 0, 1e12)];
}
