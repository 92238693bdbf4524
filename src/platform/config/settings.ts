/**
 * All settings of the program. The help text, the flags, the checks and the table in the README are derived from this list.
 */
import * as z from "zod";
import { SENTINEL_URL } from "./sentinelUrl.ts";

export interface Setting<T = unknown> {
  readonly variable: string;
  /** Parses the text of the variable into the value. */
  readonly schema: z.ZodType<T, string>;
  /** Text used if the variable is not set; undefined: the setting is optional. */
  readonly fallback?: string;
  readonly allowed: string;
  readonly about: string;
  /** Never logged, and never repeated in an error. */
  readonly secret?: true;
}

const wholeNumber = (min: number, max: number) =>
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

/**
 * `game` hosts rooms, `api` serves HTTP and pairs the queue, `relay` sends the outboxes of this host to Kafka, `sinks` consume
 * events.
 */
export const ROLES = ["game", "api", "relay", "sinks"] as const;
export type Role = (typeof ROLES)[number];

/** Settings that other parts parse and check themselves, from the environment in which flags have replaced variables. */
export const passedOn: readonly (readonly [variable: string, about: string])[] = [
  [
    "KAFKA_BROKERS",
    "Kafka brokers, comma-separated host:port; if not set, the sinks read the outbox directly and Kafka is not used",
  ],
  ["KAFKA_SSL", "1 to connect to the brokers with TLS"],
  ["KAFKA_SSL_CA", "file with the CA certificate of the brokers"],
  ["KAFKA_SASL_MECHANISM", "plain, scram-sha-256 or scram-sha-512"],
  ["KAFKA_SASL_USERNAME", "user name for the brokers"],
  ["KAFKA_SASL_PASSWORD", "password for the brokers; never logged"],
  ["KAFKA_PARTITIONS", "number of partitions of the busiest topics when they are created (8)"],
  [
    "KAFKA_REPLICATION",
    "replication factor of topics when they are created; 0 for three, or fewer if there are fewer brokers",
  ],
  ["KAFKA_RETENTION_HOURS", "retention of topics in hours (168)"],
  ["KAFKA_COMPRESSION", "compression of messages: zstd (default), gzip or none"],
  [
    "KAFKA_SESSION_TIMEOUT_MS",
    "session timeout of consumers in ms; a consumer that is silent for longer loses its partitions (30000)",
  ],
  ["S3_BUCKET", "S3 bucket of the lake; a directory in DATA_DIR if not set"],
  ["S3_ENDPOINT", "URL of an S3-compatible server; AWS if not set"],
  ["S3_FORCE_PATH_STYLE", "1 to put the bucket name into the path of URLs instead of the host name"],
  [
    "S3_SSE",
    "server-side encryption to request for each file, if the bucket requires it: AES256 or aws:kms; the bucket's default if not set",
  ],
  ["S3_SSE_KMS_KEY_ID", "id, ARN or alias of the key for S3_SSE=aws:kms; the bucket's default key if not set"],
  [
    "S3_CHECKSUMS",
    "when_supported (default): each file is sent with a checksum of the AWS SDK; when_required: no checksums, for a server that does not support them",
  ],
];

/** Names recorded in `started` as the algorithm of a match. */
export const RATING_ALGORITHMS = ["elo", "openskill"] as const;
export type RatingAlgorithmName = (typeof RATING_ALGORITHMS)[number];

export interface RatingChoice {
  readonly byMode: Readonly<Record<string, RatingAlgorithmName>>;
  /** For modes that are not listed in `byMode`. */
  readonly others: RatingAlgorithmName;
}

/** `squad=openskill` sets one mode, a bare `openskill` all others; the default is `elo`. */
const ratingChoice = list
  .pipe(z.array(z.string().regex(new RegExp(`^([^=]+=)?(${RATING_ALGORITHMS.join("|")})$`))).min(1))
  .transform((parts): RatingChoice => {
    const named = parts.map((part) => part.split("=") as [string, RatingAlgorithmName?]);
    const byMode = named.flatMap(([mode, name]) => (name === undefined ? [] : [[mode, name]]));
    const bare = parts.find((part) => !part.includes("=")) as RatingAlgorithmName | undefined;
    return { byMode: Object.fromEntries(byMode), others: bare ?? "elo" };
  });

export const settings = {
  port: required({
    variable: "PORT",
    schema: wholeNumber(0, 65_535),
    fallback: "2567",
    allowed: "a whole number from 0 (any free port) to 65535",
    about: "port to listen on",
  }),
  host: required({
    variable: "HOST",
    schema: z.string().min(1),
    fallback: "0.0.0.0",
    allowed: "an IP address or a host name",
    about: "address to listen on",
  }),
  healthPort: optional({
    variable: "HEALTH_PORT",
    schema: wholeNumber(1, 65_535),
    allowed: "a whole number from 1 to 65535",
    about:
      "second port, for /healthz, /readyz and /metrics only; with PROCESSES, the first of consecutive ports, one for each process",
  }),
  publicAddress: optional({
    variable: "PUBLIC_ADDRESS",
    schema: z.string().regex(/^[A-Za-z0-9.-]+(:(\d{1,5}|\{port\}))?(\/([A-Za-z0-9._~/-]|\{port\})*)?$/),
    allowed: "host[:port][/path] without a scheme",
    about:
      "address by which clients reach the rooms of this process; {port} is replaced by PORT; if not set, clients use the address to which they sent the join request",
  }),
  publicUrl: optional({
    variable: "PUBLIC_URL",
    schema: z
      .url({ protocol: /^https?$/ })
      .regex(/^[^?#@]+$/)
      .transform((url) => url.replace(/\/*$/, "/")),
    allowed: "http(s)://host[:port][/path]",
    about: "public URL of the browser client, used for links in mail",
  }),
  smtpUrl: optional({
    variable: "SMTP_URL",
    schema: z
      .url({ protocol: /^smtps?$/, hostname: /./ })
      // Special characters in user and password must be percent-encoded.
      .regex(/^([^%?#]|%[\da-f]{2})+$/i),
    allowed: "smtp://user:password@host:port or smtps://user:password@host:port",
    about: "mail server for password resets; requires MAIL_FROM and PUBLIC_URL; if not set, no mail is sent",
    secret: true,
  }),
  mailFrom: optional({
    variable: "MAIL_FROM",
    schema: z.string().regex(/^([^<>"\p{C}]+ )?<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/u),
    allowed: "an e-mail address, or Name <address>",
    about: "sender address of mail for password resets",
  }),
  corsOrigins: required({
    variable: "CORS_ORIGINS",
    schema: list.pipe(
      z.array(z.literal("*").or(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin))),
    ),
    fallback: "*",
    allowed: "* or a comma-separated list of origins, such as https://play.example.com",
    about: "origins whose pages are allowed to call this server (CORS)",
  }),
  dataDir: required({
    variable: "DATA_DIR",
    schema: z.string().min(1),
    fallback: ".data",
    allowed: "a directory",
    about: "directory for the files of this process",
  }),
  jwtSecret: optional({
    variable: "JWT_SECRET",
    schema: z.string().min(32),
    allowed: "at least 32 characters",
    about: "key that signs tokens; if not set, a key is generated and kept in DATA_DIR; required in production",
    secret: true,
  }),
  adminUser: optional({
    variable: "ADMIN_USER",
    schema: z.string().regex(/^[^:]+$/),
    allowed: "a name without a colon",
    about:
      "user name of the operator, for /monitor, /playground and /admin; these three paths are disabled if it is not set",
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
    about: "simulation ticks per second",
  }),
  trustedProxies: required({
    variable: "TRUSTED_PROXIES",
    schema: list,
    fallback: "",
    allowed: "comma-separated addresses, networks (10.0.0.0/8), or loopback, linklocal, uniquelocal",
    about: "proxies whose X-Forwarded-For header is trusted",
  }),
  authIssuer: optional({
    variable: "AUTH_ISSUER",
    schema: z.string().min(1),
    allowed: "the `iss` claim of the tokens",
    about: "issuer of a studio's own tokens, which are accepted in addition to the server's",
  }),
  authJwksUrl: optional({
    variable: "AUTH_JWKS_URL",
    schema: z.url({ protocol: /^https?$/ }),
    allowed: "an http(s) URL of a JSON Web Key Set",
    about: "URL of the public keys of AUTH_ISSUER",
  }),
  rankAnonymous: optional({
    variable: "RANK_ANONYMOUS",
    schema: oneOf("0", "1").transform((text) => text === "1"),
    allowed: "0 or 1",
    about: "whether players without an account appear in rankings; default 1 with the embedded database, else 0",
  }),
  ratingAlgorithm: required({
    variable: "RATING_ALGORITHM",
    schema: ratingChoice,
    fallback: "elo",
    allowed: "elo or openskill, or a comma-separated list with a choice per mode, such as elo,squad=openskill",
    about: "rating algorithm of future matches",
  }),
  regions: required({
    variable: "REGIONS",
    schema: list.pipe(
      z
        .array(z.string().regex(/^[a-z0-9-]{1,32}$/))
        .min(1)
        .max(100)
        .refine((names) => new Set(names).size === names.length),
    ),
    fallback: "local",
    allowed: "a comma-separated list of different names, each 1 to 32 of the characters a-z, 0-9 and -",
    about:
      "the regions that a request may name; a request without a region gets the first; rooms of a region are created on game processes that list it",
  }),
  drainSeconds: required({
    variable: "DRAIN_SECONDS",
    schema: wholeNumber(0, 3600),
    fallback: "0",
    allowed: "a whole number from 0 to 3600",
    about: "longest time in seconds for which running matches continue after the process was asked to stop",
  }),
  queueCooldownSeconds: required({
    variable: "QUEUE_COOLDOWN_SECONDS",
    schema: list.pipe(z.array(wholeNumber(0, 86_400)).min(1).max(20)),
    fallback: "30,120,600",
    allowed: "a comma-separated list of whole numbers from 0 to 86400",
    about:
      "a player who leaves a match of the queue before it starts, declines one, or does not confirm one, may not queue for the first of these numbers of seconds; the second time within a day, for the second number, and so on; the last number repeats",
  }),
  playerRoomsMax: required({
    variable: "PLAYER_ROOMS_MAX",
    schema: wholeNumber(1, 1_000_000),
    fallback: "5",
    allowed: "a whole number from 1 to 1000000",
    about:
      "how many open rooms one player may have; a room counts for the player whose request opened it, until the player leaves or the room closes",
  }),
  playerSeatsMax: required({
    variable: "PLAYER_SEATS_MAX",
    schema: wholeNumber(1, 1_000_000),
    fallback: "2",
    allowed: "a whole number from 1 to 1000000",
    about: "how many seats in running matches one player may have; reserved seats count too",
  }),
  playerPartiesMax: required({
    variable: "PLAYER_PARTIES_MAX",
    schema: wholeNumber(1, 1_000_000),
    fallback: "1",
    allowed: "a whole number from 1 to 1000000",
    about: "how many parties one player may be a member of",
  }),
  playerStreamsMax: required({
    variable: "PLAYER_STREAMS_MAX",
    schema: wholeNumber(1, 1_000_000),
    fallback: "3",
    allowed: "a whole number from 1 to 1000000",
    about: "how many event streams (GET /api/v1/live) one player may have open",
  }),
  playerJoinsPerMinute: required({
    variable: "PLAYER_JOINS_PER_MINUTE",
    schema: wholeNumber(1, 1_000_000),
    fallback: "60",
    allowed: "a whole number from 1 to 1000000",
    about: "how many requests to /matchmake one player may send per minute",
  }),
  addressLimitFactor: required({
    variable: "ADDRESS_LIMIT_FACTOR",
    schema: wholeNumber(1, 1_000_000),
    fallback: "50",
    allowed: "a whole number from 1 to 1000000",
    about:
      "all clients at one address together, for example in a school, have the limits of one player times this number; behind a proxy, set TRUSTED_PROXIES too, otherwise all clients count as one address",
  }),
  processRoomsMax: required({
    variable: "PROCESS_ROOMS_MAX",
    schema: wholeNumber(1, 1_000_000),
    fallback: "2000",
    allowed: "a whole number from 1 to 1000000",
    about:
      "how many rooms this process may host; further rooms are created on other processes, or refused with SERVER_BUSY if all processes are full",
  }),
  roles: required({
    variable: "ROLES",
    schema: list.pipe(z.array(z.enum(ROLES)).min(1)),
    fallback: ROLES.join(","),
    allowed: `a comma-separated list of ${ROLES.join(", ")}`,
    about: "roles of this process",
  }),
  processes: required({
    variable: "PROCESSES",
    schema: wholeNumber(1, 1000),
    fallback: "1",
    allowed: "a whole number from 1 to 1000",
    about:
      "number of game processes to start on this machine, on consecutive ports from PORT; more than one requires REDIS_URL, KAFKA_BROKERS and DATABASE_URL",
  }),
  processName: optional({
    variable: "PROCESS_NAME",
    schema: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
    allowed: "up to 100 characters of A-Z, a-z, 0-9, dot, underscore and hyphen",
    about: "name of this process in log lines",
  }),
  games: optional({
    variable: "GAMES",
    schema: z.string().min(1),
    allowed: "the path of a module that exports `games`",
    about: "games to run instead of the arena",
  }),
  namespace: required({
    variable: "NAMESPACE",
    schema: z.string().regex(/^[A-Za-z0-9._-]{0,100}$/),
    fallback: "",
    allowed: "up to 100 characters of A-Z, a-z, 0-9, dot, underscore and hyphen",
    about: "prefix of Kafka topics, consumer groups, Redis keys and object keys",
  }),
  databaseUrl: optional({
    variable: "DATABASE_URL",
    schema: postgresUrl,
    allowed: "postgres://user:password@host:port/database",
    about: "operational database; if not set, an embedded database in DATA_DIR is used",
    secret: true,
  }),
  warehouseUrl: optional({
    variable: "WAREHOUSE_URL",
    schema: postgresUrl,
    allowed: "postgres://user:password@host:port/database",
    about: "database of the warehouse, PostgreSQL 15 or newer; if not set, the operational database is used",
    secret: true,
  }),
  redisUrl: optional({
    variable: "REDIS_URL",
    schema: z.url({ protocol: /^rediss?$/ }).or(z.string().regex(SENTINEL_URL)),
    allowed:
      "redis://user:password@host:port, or redis+sentinel://user:password@host:port,host:port/name for Sentinels (the user and password are those of Redis); rediss for TLS",
    about:
      "Redis, through which processes share rooms, queue, rankings and the live feed; a cluster is not supported; if not set, all of this is kept in memory",
    secret: true,
  }),
  warehouseMoveTicks: required({
    variable: "WAREHOUSE_MOVE_TICKS",
    schema: wholeNumber(1, 1_000_000),
    fallback: "20",
    allowed: "a whole number from 1 to 1000000",
    about: "the warehouse stores one move of each player per this many ticks; the lake stores all moves",
  }),
  retentionDays: optional({
    variable: "RETENTION_DAYS",
    schema: wholeNumber(0, 36_500).transform((days) => (days === 0 ? Number.POSITIVE_INFINITY : days)),
    allowed: "a whole number from 1 to 36500, or 0 for unlimited",
    about: "days that warehouse facts and lake files are kept; default 7 with the embedded database, else unlimited",
  }),
  matchRetentionDays: optional({
    variable: "MATCH_RETENTION_DAYS",
    schema: wholeNumber(0, 36_500).transform((days) => (days === 0 ? Number.POSITIVE_INFINITY : days)),
    allowed: "a whole number from 1 to 36500, or 0 for unlimited",
    about:
      "days that the operational database keeps the events from which a match's result was computed; results, ratings and match histories stay; default unlimited",
  }),
  guestRetentionDays: optional({
    variable: "GUEST_RETENTION_DAYS",
    schema: wholeNumber(0, 36_500).transform((days) => (days === 0 ? Number.POSITIVE_INFINITY : days)),
    allowed: "a whole number from 1 to 36500, or 0 for unlimited",
    about:
      "anonymous players who were not seen for this many days are deleted, as if they had deleted themselves; default unlimited",
  }),
  outboxMaxMb: required({
    variable: "OUTBOX_MAX_MB",
    schema: wholeNumber(1, 1_000_000),
    fallback: "1024",
    allowed: "a whole number from 1 to 1000000",
    about: "above this outbox size (MB), new matches are refused and move events are dropped",
  }),
  lakeFlushSeconds: required({
    variable: "LAKE_FLUSH_SECONDS",
    schema: wholeNumber(1, 3600),
    fallback: "60",
    allowed: "a whole number from 1 to 3600",
    about: "age in seconds at which a lake file is closed",
  }),
  logLevel: required({
    variable: "LOG_LEVEL",
    schema: oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    fallback: "info",
    allowed: "fatal, error, warn, info, debug, trace or silent",
    about: "lowest severity that is logged",
  }),
} as const;

export type SettingName = keyof typeof settings;

/** `--flag` of a variable. */
export const flagOf = (variable: string): string => variable.toLowerCase().replaceAll("_", "-");
