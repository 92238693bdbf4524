/** One form for every command: what it accepts, its help text, and the line for a wrong call. */
import { parseArgs } from "node:util";
import { asCalled } from "./asCalled.ts";

export interface CommandOption {
  /** What the help writes for the value, such as DIR. An option without it has no value. */
  readonly value?: string;
  /** The value if the option is not given. */
  readonly fallback?: string;
  readonly multiple?: true;
  readonly about: string;
}

type Options = Readonly<Record<string, CommandOption>>;

export interface CommandUsage<O extends Options = Options> {
  /** The command as users of a checkout type it, without arguments: `npm run audit`. */
  readonly command: string;
  readonly synopsis: string;
  /** What the command does, in lines of at most 120 characters. */
  readonly about: string;
  readonly options: O;
  /** The variables that the command reads, or a text about them. */
  readonly settings: readonly string[] | string;
  /** What each exit code means. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** The arguments of a call that works. */
  readonly example: string;
}

type ValueOf<C extends CommandOption> = C extends { value: string }
  ? C extends { multiple: true }
    ? string[]
    : C extends { fallback: string }
      ? string
      : string | undefined
  : boolean;

export interface CommandArguments<O extends Options> {
  readonly values: { readonly [N in keyof O]: ValueOf<O[N]> };
  readonly positionals: readonly string[];
  readonly isHelp: boolean;
}

/** Arguments that a command does not accept. The message is one line that names the way out. */
export class UsageError extends Error {}

/** Keeps the literal types of the options. */
export const defineUsage = <const O extends Options>(usage: CommandUsage<O>): CommandUsage<O> => usage;

/** For commands that read the data folder. */
export const dataDirOption = {
  "data-dir": { value: "DIR", about: "directory of the program's data (DATA_DIR, or .data)" },
} as const;

export function usageError({ command, synopsis }: CommandUsage, problem: string): UsageError {
  return new UsageError(
    `${problem}; usage: ${callOf(command, synopsis)}; for all options: ${callOf(command, "--help")}`,
  );
}

/** Throws `UsageError` unless `positionals`, the arguments that a command does not expect, is empty. */
export function refusePositionals(usage: CommandUsage, [first]: readonly string[]): void {
  if (first !== undefined) throw usageError(usage, `unexpected argument ${JSON.stringify(first)}`);
}

/** Throws `UsageError` for an unknown option, or one with a missing or superfluous value. */
export function readArguments<O extends Options>(usage: CommandUsage<O>, args: readonly string[]): CommandArguments<O> {
  const options = Object.fromEntries(
    Object.entries<CommandOption>(usage.options).map(([name, { value, multiple = false }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple },
    ]),
  );
  const help = { type: "boolean", short: "h" } as const;
  try {
    const parsed = parseArgs({ args: [...args], options: { ...options, help }, strict: true, allowPositionals: true });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    const withDefaults = Object.entries<CommandOption>(usage.options).map(([name, { value, fallback, multiple }]) => {
      const unset = value === undefined ? false : multiple ? [] : fallback;
      return [name, values[name] ?? unset];
    });
    return {
      values: Object.fromEntries(withDefaults),
      positionals: parsed.positionals,
      isHelp: values.help === true,
    };
  } catch (error) {
    // Node's message also recommends `--`, which npm would consume.
    throw usageError(usage, (error as Error).message.split(/\n|\. /)[0]);
  }
}

/** `rows`: what is printed for the options. */
export function usageText(usage: CommandUsage, rows: readonly string[] = optionRows(usage)): string {
  const { command, synopsis, about, settings, exitCodes, example } = usage;
  return [
    `Usage: ${callOf(command, synopsis)}`,
    ...["", about, ""],
    "Options, with the default in parentheses:",
    ...rows,
    "",
    settingsLine(settings),
    `Exit codes: ${Object.entries(exitCodes)
      .map(([code, meaning]) => `${code} ${meaning}`)
      .join("; ")}`,
    `Example: ${callOf(command, example)}`,
    "",
  ].join("\n");
}

function optionRows({ options }: CommandUsage): string[] {
  const all = { ...options, help: { about: "prints this text" } } as Options;
  const rows = Object.entries(all).map(([name, { value, fallback, multiple, about }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    `${about}${fallback === undefined ? "" : ` (${fallback})`}${multiple ? "; may be repeated" : ""}`,
  ]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, about]) => `  ${flag.padEnd(width)}  ${about}`);
}

function settingsLine(settings: CommandUsage["settings"]): string {
  if (typeof settings === "string") return `Settings: ${settings}`;
  if (settings.length === 0) return "Settings: none";
  return `Settings (${asCalled("npm start -- --help")} explains them): ${settings.join(", ")}`;
}

/** npm treats options before `--` as its own. */
function callOf(command: string, args: string): string {
  const separator = args === "" || !command.startsWith("npm ") ? "" : "--";
  return asCalled([command, separator, args].filter((part) => part !== "").join(" "));
}
