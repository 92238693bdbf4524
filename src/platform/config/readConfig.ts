/**
 * Reads the configuration. A flag takes precedence over its environment variable; the first invalid value throws an error of
 * one line.
 */
import type * as z from "zod";
import { readArguments, refusePositionals } from "../commandLine/CommandUsage.ts";
import { ConfigError } from "./ConfigError.ts";
import { passedOn } from "./passedOn.ts";
import { withSecretsOfFiles } from "./secretFiles.ts";
import { flagOf, type Setting, type SettingName, settings } from "./settings.ts";
import { shownValue } from "./shownValue.ts";
import { startUsage } from "./startUsage.ts";

type Value<N extends SettingName> = z.output<(typeof settings)[N]["schema"]>;
type Optional<N extends SettingName> = (typeof settings)[N] extends { fallback: string } ? never : undefined;

export type Config = { readonly [N in SettingName]: Value<N> | Optional<N> } & {
  readonly production: boolean;
  /**
   * The environment, with flags and the files of secrets replacing their variables, for the parts that read their own settings
   * from it.
   */
  readonly env: Readonly<Record<string, string>>;
  /** The same for other processes, which read the files of secrets themselves. */
  readonly passedEnv: Readonly<Record<string, string>>;
};

export { ConfigError };

/** zod's message for a check that has no message of its own. */
const NO_MESSAGE = "Invalid input";

const names = Object.keys(settings) as SettingName[];

/**
 * `args`: the arguments after the name of the program. Throws `UsageError` for unknown flags, otherwise `ConfigError`.
 * @param signsTokens false for a command, which needs no JWT_SECRET even in production
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { signsTokens = true } = {},
): Config {
  const flags = readFlags(args);
  const config: Record<string, unknown> = { production: isProduction(env) };
  const passedEnv = withFlags(env, flags);
  const read = withSecretsOfFiles(passedEnv);
  for (const name of names) config[name] = readSetting(settings[name], flags, read);
  Object.assign(config, { env: read, passedEnv });
  const { roles } = config as Config;
  // The other roles neither sign nor check tokens of players.
  const usesTokens = signsTokens && (roles.includes("game") || roles.includes("api"));
  if (config.production === true && usesTokens && config.jwtSecret === undefined)
    throw new ConfigError("JWT_SECRET is not set: production (NODE_ENV=production) requires at least 32 characters");
  requireTogether(config, "adminUser", "adminPassword");
  requireTogether(config, "operatorIssuer", "operatorJwksUrl");
  requireTogether(config, "operatorIssuer", "operatorAudience");
  requireTogether(config, "authIssuer", "authJwksUrl");
  requireOnePerIssuer(config as Config);
  requireTogether(config, "smtpUrl", "mailFrom");
  if (config.smtpUrl !== undefined && config.publicUrl === undefined)
    throw new ConfigError(
      `PUBLIC_URL is not set: SMTP_URL requires it for links in mail; expected ${settings.publicUrl.allowed}`,
    );
  return config as Config;
}

/** Most spellings of production would start without what production requires. */
function isProduction({ NODE_ENV = "" }: Readonly<Record<string, string | undefined>>): boolean {
  if (NODE_ENV === "production") return true;
  if (!/^\s*prod(uction)?\s*$/i.test(NODE_ENV)) return false;
  throw new ConfigError(
    `NODE_ENV: invalid ${JSON.stringify(NODE_ENV)}: expected exactly production; any other word means development`,
  );
}

function requireTogether(config: Readonly<Record<string, unknown>>, ...both: [SettingName, SettingName]): void {
  const missing = both.filter((name) => config[name] === undefined).map((name) => settings[name].variable);
  if (missing.length !== 1) return;
  const [one, other] = both.map((name) => settings[name].variable);
  throw new ConfigError(`${missing[0]} is not set: set both ${one} and ${other}, or neither`);
}

function requireOnePerIssuer({
  authIssuer: issuers = [],
  authJwksUrl: urls = [],
  authAudience: audiences,
}: Config): void {
  if (audiences !== undefined && issuers.length === 0)
    throw new ConfigError("AUTH_ISSUER is not set: AUTH_AUDIENCE requires AUTH_ISSUER and AUTH_JWKS_URL");
  const check = (variable: string, of: string, count: number) => {
    if (count === issuers.length) return;
    const expected = `expected ${issuers.length}, one for each issuer in AUTH_ISSUER`;
    throw new ConfigError(`${variable}: invalid number of ${of} (${count}): ${expected}`);
  };
  check("AUTH_JWKS_URL", "URLs", urls.length);
  if (audiences !== undefined) check("AUTH_AUDIENCE", "audiences", audiences.length);
}

function withFlags(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const variables = [...Object.values(settings).map(({ variable }) => variable), ...passedOn.map(([name]) => name)];
  const fromFlags = variables.flatMap((variable) => {
    const flag = flags[flagOf(variable)];
    return flag === undefined ? [] : [[variable, flag]];
  });
  return { ...(env as Record<string, string>), ...Object.fromEntries(fromFlags) };
}

function readSetting(
  { variable, schema, fallback, allowed, secret, hidesRefused }: Setting,
  flags: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string | undefined>>,
): unknown {
  // Many tools set an empty variable for one that is not set.
  const text = flags[flagOf(variable)] ?? (env[variable] || undefined) ?? fallback;
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.find(({ code, message }) => code === "custom" && message !== NO_MESSAGE);
  const shown = secret || hidesRefused ? "value (not shown)" : shownValue(text);
  throw new ConfigError(`${variable}: invalid ${shown}: ${problem ? `${problem.message}; ` : ""}expected ${allowed}`);
}

/** Throws `UsageError`. */
function readFlags(args: readonly string[]): Readonly<Record<string, string | undefined>> {
  const { values, positionals } = readArguments(startUsage, args);
  refusePositionals(startUsage, positionals);
  return values;
}
