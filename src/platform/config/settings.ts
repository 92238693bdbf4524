/**
 * All settings of the program. The help text, the flags, the checks and the table in the README are derived from this list.
 */
import * as z from "zod";
import { isPublicAddress } from "./addresses.ts";
import { list } from "./list.ts";
import { NAMESPACE_ALLOWED, namespaceSchema } from "./namespace.ts";
import { ratingChoice } from "./ratingChoice.ts";
import { problemOfRedisUrl } from "./redisUrl.ts";
import { problemOfUrl } from "./serviceUrl.ts";
import {
  checked,
  frameAncestor,
  HOST,
  oneOf,
  originOf,
  POSTGRES_URL,
  URL_WITHOUT_USER,
  wholeNumber,
} from "./settingSchemas.ts";
import { isTrustedProxy } from "./trustedProxies.ts";

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
  /** A refused value is not repeated in the error, because it may contain a password. */
  readonly hidesRefused?: true;
}

const optional = <T>(of: Setting<T>): Setting<T> => of;
const required = <T>(of: Setting<T> & { fallback: string }): Setting<T> & { fallback: string } => of;

/**
 * `game` hosts rooms, `api` serves HTTP and pairs the queue, `relay` sends the outboxes of this host to Kafka, `sinks` consume
 * events.
 */
export const ROLES = ["game", "api", "relay", "sinks"] as const;
export type Role = (typeof ROLES)[number];

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
    schema: HOST,
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
  healthHost: optional({
    variable: "HEALTH_HOST",
    schema: HOST,
    allowed: "an IP address or a host name",
    about:
      "address on which HEALTH_PORT listens, such as that of an internal network from which a monitoring server reads /metrics; if not set, HOST",
  }),
  publicAddress: optional({
    variable: "PUBLIC_ADDRESS",
    schema: z.string().refine(isPublicAddress),
    allowed: "host[:port][/path] without a scheme",
    about:
      "address by which clients reach the rooms of this process; each {port} is replaced by the port that the process listens on; if not set, clients use the address to which they sent the join request",
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
    schema: checked(problemOfUrl).pipe(z.url({ protocol: /^smtps?$/, hostname: /./ }).regex(/^[^?]+$/)),
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
    schema: list.pipe(z.array(z.string().transform(originOf))),
    fallback: "*",
    allowed: "* or a comma-separated list of origins, such as https://play.example.com or capacitor://localhost",
    about: "origins whose pages and apps are allowed to call this server (CORS)",
  }),
  frameAncestors: required({
    variable: "FRAME_ANCESTORS",
    schema: z.union([z.literal("none").transform(() => ["'none'"]), list.pipe(z.array(frameAncestor).min(1))]),
    fallback: "none",
    allowed:
      "none, or a comma-separated list of self and origins, such as https://portal.example.com or https://*.example.com",
    about: "pages that may show the game's page in a frame (CSP frame-ancestors)",
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
    about:
      "key that signs tokens; if not set, a key is generated and kept in DATA_DIR; required in production by the roles game and api",
    secret: true,
  }),
  jwtAcceptedSecrets: required({
    variable: "JWT_ACCEPTED_SECRETS",
    schema: z
      .string()
      .transform((text) =>
        text
          .split(text.includes("\n") ? "\n" : ",")
          .map((key) => key.trim())
          .filter((key) => key !== ""),
      )
      .pipe(z.array(z.string().min(32)).max(10)),
    fallback: "",
    allowed:
      "up to 10 keys of at least 32 characters, separated by commas, or by line breaks if a key contains a comma",
    about:
      "additional keys; tokens that are signed with them are accepted too, so that you can change JWT_SECRET without signing players out",
    secret: true,
  }),
  adminUser: optional({
    variable: "ADMIN_USER",
    schema: checked((text) => (text.includes(":") ? "write the password into ADMIN_PASSWORD" : null)),
    hidesRefused: true,
    allowed: "a name without a colon",
    about:
      "user name of an operator who may do everything on /monitor, /playground and /admin; these three paths are disabled if no operator is configured",
  }),
  adminPassword: optional({
    variable: "ADMIN_PASSWORD",
    schema: z.string().min(8),
    allowed: "at least 8 characters",
    about: "password of the operator; a warning is logged if it has fewer than 12 characters",
    secret: true,
  }),
  operatorsFile: optional({
    variable: "OPERATORS_FILE",
    schema: z.string().min(1),
    allowed: "the path of a JSON file",
    about:
      "file with named operators, their roles, and the hashes of their passwords or tokens, see docs/api.md; the program reads it again when it changes",
  }),
  operatorIssuer: optional({
    variable: "OPERATOR_ISSUER",
    schema: z.string().min(1),
    allowed: "the `iss` claim of the tokens",
    about: "OpenID Connect issuer whose tokens operators may use; requires OPERATOR_JWKS_URL and OPERATOR_AUDIENCE",
  }),
  operatorJwksUrl: optional({
    variable: "OPERATOR_JWKS_URL",
    ...URL_WITHOUT_USER,
    allowed: "an http(s) URL of a JSON Web Key Set, without a user",
    about: "URL of the public keys of OPERATOR_ISSUER",
  }),
  operatorAudience: optional({
    variable: "OPERATOR_AUDIENCE",
    schema: z.string().min(1),
    allowed: "the `aud` claim of the tokens",
    about: "audience that the tokens of OPERATOR_ISSUER must name",
  }),
  operatorRoleClaim: required({
    variable: "OPERATOR_ROLE_CLAIM",
    schema: z.string().min(1),
    fallback: "role",
    allowed: "the name of a claim; for a claim in nested objects, names separated by dots",
    about:
      "claim of the tokens of OPERATOR_ISSUER that contains the role (view, moderate or administer), or a list with a role",
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
    schema: list.pipe(z.array(z.string().refine(isTrustedProxy))),
    fallback: "",
    allowed: "comma-separated addresses, networks (10.0.0.0/8), or loopback, linklocal, uniquelocal",
    about:
      "proxies whose X-Forwarded-For header is trusted; uniquelocal contains the private networks, but not 100.64.0.0/10, from which some Kubernetes clusters give addresses to pods",
  }),
  authIssuer: optional({
    variable: "AUTH_ISSUER",
    schema: list.pipe(
      z
        .array(z.string().refine((issuer) => issuer !== "hypogeum"))
        .min(1)
        .max(20)
        .refine((issuers) => new Set(issuers).size === issuers.length),
    ),
    allowed:
      "the `iss` claim of the tokens, other than hypogeum; for several issuers, a comma-separated list without duplicates",
    about: "issuer of a studio's own tokens, which are accepted in addition to the server's",
  }),
  authJwksUrl: optional({
    variable: "AUTH_JWKS_URL",
    schema: list.pipe(z.array(URL_WITHOUT_USER.schema).min(1)),
    allowed:
      "an http(s) URL of a JSON Web Key Set, without a user; for several issuers, a comma-separated list with one URL for each, in the order of AUTH_ISSUER",
    about: "URL of the public keys of AUTH_ISSUER",
  }),
  authAudience: optional({
    variable: "AUTH_AUDIENCE",
    schema: list.pipe(z.array(z.string()).min(1)),
    allowed:
      "the `aud` claim of the tokens, or * for tokens of any audience; for several issuers, a comma-separated list with one for each, in the order of AUTH_ISSUER",
    about:
      "audience that the tokens of AUTH_ISSUER must name; if not set, tokens that the issuer has issued for other programs are accepted too",
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
  pageDir: optional({
    variable: "PAGE_DIR",
    schema: z.string().min(1),
    allowed: "the path of a directory that contains index.html",
    about:
      "directory of your own page, which is served at / instead of the built-in one; browsers revalidate its files",
  }),
  namespace: required({
    variable: "NAMESPACE",
    schema: namespaceSchema,
    fallback: "",
    allowed: NAMESPACE_ALLOWED,
    about: "prefix of Kafka topics, consumer groups, Redis keys and object keys",
  }),
  databaseUrl: optional({
    variable: "DATABASE_URL",
    ...POSTGRES_URL,
    allowed: `${POSTGRES_URL.allowed}; for TLS, add ?sslmode=verify-full; for a private certificate authority, also &sslrootcert=FILE; for a client certificate, also &sslcert=FILE&sslkey=FILE`,
    about: "operational database; if not set, an embedded database in DATA_DIR is used",
  }),
  warehouseUrl: optional({
    variable: "WAREHOUSE_URL",
    ...POSTGRES_URL,
    about: "database of the warehouse, PostgreSQL 15 or newer; if not set, the operational database is used",
  }),
  redisUrl: optional({
    variable: "REDIS_URL",
    schema: checked(problemOfRedisUrl),
    allowed:
      "redis://user:password@host:port, or redis+sentinel://user:password@host:port,host:port/name for Sentinels (the user and password are those of Redis); for TLS, rediss instead of redis; for a private certificate authority, add ?sslrootcert=FILE; for a client certificate, also &sslcert=FILE&sslkey=FILE",
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
      "days for which the operational database keeps the events of ended matches; results, ratings and match histories are always kept; default unlimited",
  }),
  guestRetentionDays: optional({
    variable: "GUEST_RETENTION_DAYS",
    schema: wholeNumber(0, 36_500).transform((days) => (days === 0 ? Number.POSITIVE_INFINITY : days)),
    allowed: "a whole number from 1 to 36500, or 0 for unlimited",
    about:
      "days after which anonymous players who were not seen are deleted, as if they had deleted themselves; default unlimited",
  }),
  outboxMaxMb: required({
    variable: "OUTBOX_MAX_MB",
    schema: wholeNumber(1, 1_000_000),
    fallback: "1024",
    allowed: "a whole number from 1 to 1000000",
    about: "above this outbox size (MB), new matches are refused and move events are dropped",
  }),
  lakeFlushSeconds: optional({
    variable: "LAKE_FLUSH_SECONDS",
    schema: wholeNumber(1, 3600),
    allowed: "a whole number from 1 to 3600",
    about:
      "age in seconds at which a lake file is stored; default 600, and 3600 for logs_stats; without Kafka 240, because the outbox keeps what the lake has not stored",
  }),
  lakeFlushMb: required({
    variable: "LAKE_FLUSH_MB",
    schema: wholeNumber(1, 44),
    fallback: "44",
    allowed: "a whole number from 1 to 44",
    about: "size in MB at which a lake file is stored, whatever its age",
  }),
  otlpEndpoint: optional({
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    ...URL_WITHOUT_USER,
    allowed: "http(s)://host[:port][/path], without a user",
    about:
      "URL of the collector to which OpenTelemetry traces are sent as OTLP over HTTP, see docs/tracing.md; if not set, nothing is traced",
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
