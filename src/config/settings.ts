/**
 * Owns the settings of the program: for each its variable, what it may be, its default and its meaning. The help text, the
 * flags and the checks all come from here.
 */
import * as z from "zod";

export interface Setting<T = unknown> {
  readonly variable: string;
  /** From the text that was read to the value. */
  readonly schema: z.ZodType<T, string>;
  /** Text read where nothing is set; undefined: the setting is absent. */
  readonly fallback?: string;
  readonly allowed: string;
  readonly about: string;
  /** Never logged nor repeated in an error. */
  readonly secret?: true;
}

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const oneOf = <const T extends string>(...values: T[]) => z.string().pipe(z.enum(values));
const optional = <T>(of: Setting<T>): Setting<T> => of;
const required = <T>(of: Setting<T> & { fallback: string }): Setting<T> & { fallback: string } => of;

export const settings = {
  port: required({
    variable: "PORT",
    schema: whole(0, 65_535),
    fallback: "2567",
    allowed: "a whole number from 0 (any free port) to 65535",
    about: "port to listen on",
  }),
  host: required({
    variable: "HOST",
    schema: z.string().min(1),
    fallback: "0.0.0.0",
    allowed: "an address or a host name",
    about: "address to listen on",
  }),
  publicAddress: optional({
    variable: "PUBLIC_ADDRESS",
    schema: z.string().regex(/^[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/),
    allowed: "host[:port][/path], without a scheme",
    about: "address by which clients reach this process, where it is not the one they asked",
  }),
  corsOrigins: required({
    variable: "CORS_ORIGINS",
    schema: list.pipe(
      z.array(z.literal("*").or(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))),
    ),
    fallback: "*",
    allowed: "* or a comma-separated list of origins, such as https://play.example.com",
    about: "pages of other origins that may call this server",
  }),
  dataDir: required({
    variable: "DATA_DIR",
    schema: z.string().min(1),
    fallback: ".data",
    allowed: "a directory",
    about: "where this process keeps its files",
  }),
  jwtSecret: optional({
    variable: "JWT_SECRET",
    schema: z.string().min(32),
    allowed: "at least 32 characters",
    about: "key that tokens are signed with; made and kept in DATA_DIR where not set, required in production",
    secret: true,
  }),
  adminUser: optional({
    variable: "ADMIN_USER",
    schema: z.string().regex(/^[^:]+$/),
    allowed: "a name without a colon",
    about: "operator of /monitor and /playground, which do not exist without one",
  }),
  adminPassword: optional({
    variable: "ADMIN_PASSWORD",
    schema: z.string().min(8),
    allowed: "at least 8 characters",
    about: "password of the operator",
    secret: true,
  }),
  tickRate: required({
    variable: "TICK_RATE",
    schema: oneOf("10", "20", "30", "60").transform(Number),
    fallback: "20",
    allowed: "10, 20, 30 or 60",
    about: "steps of a match per second",
  }),
  rankAnonymous: required({
    variable: "RANK_ANONYMOUS",
    schema: oneOf("0", "1").transform((text) => text === "1"),
    fallback: "1",
    allowed: "0 or 1",
    about: "whether matches of people without an account are rated",
  }),
  drainSeconds: required({
    variable: "DRAIN_SECONDS",
    schema: whole(0, 3600),
    fallback: "0",
    allowed: "a whole number from 0 to 3600",
    about: "how long running matches may go on once the process is told to stop",
  }),
  logLevel: required({
    variable: "LOG_LEVEL",
    schema: oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    fallback: "info",
    allowed: "fatal, error, warn, info, debug, trace or silent",
    about: "least severity that is logged",
  }),
} as const;

export type SettingName = keyof typeof settings;

/** `--flag` of a variable. */
export const flagOf = (variable: string): string => variable.toLowerCase().replaceAll("_", "-");
