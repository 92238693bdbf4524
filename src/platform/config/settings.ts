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

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** `game` hosts rooms, `api` serves HTTP and pairs the queue, `relay` sends this host's outboxes, `sinks` consume. */
export const ROLES = ["game", "api", "relay", "sinks"] as const;
export type Role = (typeof ROLES)[number];

/** Settings that the parts which use them read and check themselves, from the environment as completed by flags. */
export const passedOn: readonly (readonly [variable: string, about: string])[] = [
  ["KAFKA_BROKERS", "host:port of Kafka's brokers, with commas between; the outbox itself is the log where not set"],
  ["KAFKA_SSL", "1 to speak TLS to the brokers"],
  ["KAFKA_SSL_CA", "file of the authority that signed the brokers' certificates"],
  ["KAFKA_SASL_MECHANISM", "plain, scram-sha-256 or scram-sha-512"],
  ["KAFKA_SASL_USERNAME", "user at the brokers"],
  ["KAFKA_SASL_PASSWORD", "password at the brokers; never logged"],
  ["KAFKA_PARTITIONS", "partitions that the busiest topics are made with (8)"],
  ["KAFKA_REPLICATION", "replicas that topics are made with; 0 for three, or as many as there are brokers"],
  ["KAFKA_RETENTION_HOURS", "hours that topics keep messages (168)"],
  ["KAFKA_COMPRESSION", "zstd, gzip or none"],
  ["KAFKA_SESSION_TIMEOUT_MS", "silence after which a consumer loses its partitions (30000)"],
  ["S3_BUCKET", "bucket of the lake; a directory in DATA_DIR where not set"],
  ["S3_ENDPOINT", "address of an S3 server other than Amazon's"],
  ["S3_FORCE_PATH_STYLE", "1 for servers that take the bucket in the path"],
];

/** What `started` records as the algorithm of a match. */
export const RATING_ALGORITHMS = ["elo", "openskill"] as const;
export type RatingAlgorithmName = (typeof RATING_ALGORITHMS)[number];

export interface RatingChoice {
  readonly byMode: Readonly<Record<string, RatingAlgorithmName>>;
  /** Of modes that are not named. */
  readonly others: RatingAlgorithmName;
}

/** `squad=openskill` for a mode, `elo` for all others; the latter where it is left out. */
const ratingChoice = list
  .pipe(z.array(z.string().regex(new RegExp(`^([^=]+=)?(${RATING_ALGORITHMS.join("|")})$`))).min(1))
  .transform((parts): RatingChoice => {
    const named = parts.map((part) => part.split("=") as [string, RatingAlgorithmName?]);
    const byMode = named.flatMap(([mode, name]) => (name === undefined ? [] : [[mode, name]]));
    const others = parts.find((part) => !part.includes("=")) as RatingAlgorithmName | undefined;
    return { byMode: Object.fromEntries(byMode), others: others ?? "elo" };
  });

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
    schema: z.string().regex(/^[A-Za-z0-9.-]+(:(\d{1,5}|\{port\}))?(\/([A-Za-z0-9._~/-]|\{port\})*)?$/),
    allowed: "host[:port][/path], without a scheme",
    about:
      "address by which clients reach this process, where it is not the one they asked; {port} stands for its PORT",
  }),
  publicUrl: optional({
    variable: "PUBLIC_URL",
    schema: z
      .url({ protocol: /^https?$/ })
      .regex(/^[^?#@]+$/)
      .transform((url) => url.replace(/\/*$/, "/")),
    allowed: "http(s)://host[:port][/path]",
    about: "address of the page, for links in mail",
  }),
  smtpUrl: optional({
    variable: "SMTP_URL",
    schema: z
      .url({ protocol: /^smtps?$/, hostname: /./ })
      // Signs in user and password are written as percent and two digits.
      .regex(/^([^%?#]|%[\da-f]{2})+$/i),
    allowed: "smtp://user:password@host:port or smtps://user:password@host:port",
    about:
      "mail server, by which forgotten passwords are set anew; needs MAIL_FROM and PUBLIC_URL; no mail is sent where not set",
    secret: true,
  }),
  mailFrom: optional({
    variable: "MAIL_FROM",
    schema: z.string().regex(/^([^<>"\p{C}]+ )?<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/u),
    allowed: "an e-mail address, or Name <address>",
    about: "sender of that mail",
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
  trustedProxies: required({
    variable: "TRUSTED_PROXIES",
    schema: list,
    fallback: "",
    allowed: "addresses, networks (10.0.0.0/8), or loopback, linklocal, uniquelocal, with commas between",
    about: "proxies whose X-Forwarded-For counts",
  }),
  authIssuer: optional({
    variable: "AUTH_ISSUER",
    schema: z.string().min(1),
    allowed: "the issuer (`iss`) of a studio's own tokens",
    about: "tokens of this issuer are accepted beside the program's own",
  }),
  authJwksUrl: optional({
    variable: "AUTH_JWKS_URL",
    schema: z.url({ protocol: /^https?$/ }),
    allowed: "an address of a JSON Web Key Set",
    about: "where the keys of AUTH_ISSUER are found",
  }),
  rankAnonymous: optional({
    variable: "RANK_ANONYMOUS",
    schema: oneOf("0", "1").transform((text) => text === "1"),
    allowed: "0 or 1",
    about: "whether people without an account are listed in rankings: 1 where the database is embedded, else 0",
  }),
  ratingAlgorithm: required({
    variable: "RATING_ALGORITHM",
    schema: ratingChoice,
    fallback: "elo",
    allowed: "elo, openskill, or a mode with one of them, such as squad=openskill, with commas between",
    about: "what rates matches from now on",
  }),
  drainSeconds: required({
    variable: "DRAIN_SECONDS",
    schema: whole(0, 3600),
    fallback: "0",
    allowed: "a whole number from 0 to 3600",
    about: "how long running matches may go on once the process is told to stop",
  }),
  roles: required({
    variable: "ROLES",
    schema: list.pipe(z.array(z.enum(ROLES)).min(1)),
    fallback: ROLES.join(","),
    allowed: `one or more of ${ROLES.join(", ")}, with commas between`,
    about: "parts of the program that this process runs",
  }),
  processes: required({
    variable: "PROCESSES",
    schema: whole(1, 1000),
    fallback: "1",
    allowed: "a whole number from 1 to 1000",
    about: "game processes to start on this machine, on PORT and those that follow; more than one needs REDIS_URL",
  }),
  processName: optional({
    variable: "PROCESS_NAME",
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
    allowed: "up to 100 of A-Z, a-z, 0-9, dot, underscore and hyphen",
    about: "name of this process in its logs",
  }),
  games: optional({
    variable: "GAMES",
    schema: z.string().min(1),
    allowed: "the path of a module that exports `games`",
    about: "games to run in the place of the arena",
  }),
  namespace: required({
    variable: "NAMESPACE",
    schema: z.string().regex(/^[A-Za-z0-9._-]{0,100}$/),
    fallback: "",
    allowed: "up to 100 of A-Z, a-z, 0-9, dot, underscore and hyphen",
    about: "prefix of topics, groups, Redis keys and object keys",
  }),
  databaseUrl: optional({
    variable: "DATABASE_URL",
    schema: postgresUrl,
    allowed: "postgres://user:password@host:port/database",
    about: "operational database; an embedded one in DATA_DIR where not set",
    secret: true,
  }),
  warehouseUrl: optional({
    variable: "WAREHOUSE_URL",
    schema: postgresUrl,
    allowed: "postgres://user:password@host:port/database",
    about: "warehouse, PostgreSQL 15 or newer; the operational database where not set",
    secret: true,
  }),
  redisUrl: optional({
    variable: "REDIS_URL",
    schema: z.url({ protocol: /^rediss?$/ }),
    allowed: "redis://host:port or rediss://host:port",
    about: "Redis, by which processes share rooms, rankings and the live feed; memory where not set",
    secret: true,
  }),
  warehouseMoveTicks: required({
    variable: "WAREHOUSE_MOVE_TICKS",
    schema: whole(1, 1_000_000),
    fallback: "20",
    allowed: "a whole number from 1 to 1000000",
    about: "every how many ticks a move becomes a warehouse fact; the lake has all",
  }),
  retentionDays: optional({
    variable: "RETENTION_DAYS",
    schema: whole(0, 36_500).transform((days) => (days === 0 ? Number.POSITIVE_INFINITY : days)),
    allowed: "a whole number from 1 to 36500, or 0 for no end",
    about: "days that facts and files are kept: 7 where the database is embedded, else without end",
  }),
  outboxMaxMb: required({
    variable: "OUTBOX_MAX_MB",
    schema: whole(1, 1_000_000),
    fallback: "1024",
    allowed: "a whole number from 1 to 1000000",
    about: "size of the outbox above which no new match starts and moves are shed",
  }),
  lakeFlushSeconds: required({
    variable: "LAKE_FLUSH_SECONDS",
    schema: whole(1, 3600),
    fallback: "60",
    allowed: "a whole number from 1 to 3600",
    about: "age at which a file of the lake is closed",
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
