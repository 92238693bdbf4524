/** Builds the REST API of a game process. */
import type { Redis } from "ioredis";
import type { Registry } from "prom-client";
import type { GameDescription } from "../../schema/gameList.ts";
import type { RecordPlayerEvent } from "../../schema/playerEvents.ts";
import type { GameBackend } from "../game/Backend.ts";
import type { Quotas } from "../matchmaking/quotas/Quotas.ts";
import type { Readiness } from "../platform/health/readiness.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { Tokens } from "../players/auth/Tokens.ts";
import { RankingSource } from "../players/database/rankingSource.ts";
import { Seasons } from "../players/database/seasons.ts";
import type { IssuedTokensOptions } from "../players/identity/IssuedTokens.ts";
import { type MailOptions, PasswordReset } from "../players/identity/PasswordReset.ts";
import { type Cost, Passwords } from "../players/identity/Passwords.ts";
import { Sessions } from "../players/identity/Sessions.ts";
import { SignIn } from "../players/identity/SignIn.ts";
import { SqlAdmission } from "../players/identity/SqlAdmission.ts";
import { StudioTokens } from "../players/identity/StudioTokens.ts";
import { MemoryIndex } from "../players/rankings/MemoryIndex.ts";
import { Rankings } from "../players/rankings/Rankings.ts";
import { RedisIndex } from "../players/rankings/RedisIndex.ts";
import { type AlgorithmOf, INITIAL_RATING } from "../players/rating/Rating.ts";
import { type AdminOptions, adminRoutes } from "./admin.ts";
import { type Api, createApi } from "./createApi.ts";
import { withDocs } from "./docs.ts";
import { gameRoutes } from "./gameRoutes.ts";
import { gameListRoutes } from "./games.ts";
import { healthRoutes } from "./health.ts";
import type { Limits } from "./limits.ts";
import { liveRoutes, type ServeLive } from "./live.ts";
import { matchRoutes, type Recordings } from "./matches.ts";
import { meRoutes } from "./me.ts";
import { Names } from "./Names.ts";
import type { OperatorLog } from "./operators/OperatorLog.ts";
import type { Operators } from "./operators/Operators.ts";
import { operatorValueRoutes } from "./operatorValues.ts";
import type { ListedGame } from "./parameterSchemas.ts";
import { playerRoutes } from "./players.ts";
import { rankingRoutes } from "./rankings.ts";
import { seasonRoutes } from "./seasons.ts";
import { signInRoutes } from "./signIn.ts";
import { type TicketsOptions, ticketRoutes } from "./tickets.ts";

export interface RestDeps {
  /** The operational database. Its tables must be migrated before `start`. */
  readonly sql: Sql;
  /** Null: rankings are in the memory of this process. The caller closes the connection. */
  readonly redis: Redis | null;
  readonly namespace: string;
  readonly limits: Limits;
  readonly quotas: Pick<Quotas, "take" | "release">;
  /** Key that signs tokens. */
  readonly secret: string;
  /** Further keys whose tokens are accepted. */
  readonly acceptedSecrets: readonly string[];
  /** The issuers of AUTH_ISSUER with their AUTH_JWKS_URL and AUTH_AUDIENCE. */
  readonly studios: readonly IssuedTokensOptions[];
  readonly algorithmOf: AlgorithmOf;
  /** All games of the installation; requests that name none mean the first one. */
  readonly games: readonly ListedGame[];
  /** What `GET /api/v1/games` answers about them. */
  readonly described: readonly GameDescription[];
  readonly rankAnonymous: boolean;
  readonly operators: Operators;
  readonly operatorLog: OperatorLog;
  readonly recordPlayer: RecordPlayerEvent;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly version: string;
  readonly metrics: Registry;
  /** What `/readyz` answers operators. */
  readonly readiness: () => Promise<Readiness>;
  /** Removes addresses from a line of `/readyz`, for everyone else. */
  readonly hideAddresses: (line: string) => string;
  readonly recordings: Recordings;
  readonly serveLive: ServeLive;
  readonly tickets: TicketsOptions;
  readonly backends: readonly GameBackend[];
  readonly kick: (playerId: string, reason: string) => Promise<number>;
  readonly sendText: AdminOptions["sendText"];
  /** Lets the matches of this process end, then stops it. Returns at once. */
  readonly drain: () => void;
  readonly processName: string;
  /** Null: forgotten passwords cannot be reset. */
  readonly mail: MailOptions | null;
  readonly onError: (error: unknown, where: string) => void;
  /** Unix ms. */
  readonly now?: () => number;
  readonly checkResponses?: boolean;
  readonly passwordCost?: Cost;
}

export interface Rest extends Api {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** For rooms. */
  readonly admission: SqlAdmission;
  readonly seasons: Seasons;
  readonly rankings: Rankings;
  /** Starts to update the rankings. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createRestApi(deps: RestDeps): Rest {
  const { sql, redis, namespace, secret, algorithmOf, games, limits, now = Date.now } = deps;
  const tokens = new Tokens(secret, { accepted: deps.acceptedSecrets, now });
  const studioTokens = deps.studios.map((studio) => new StudioTokens({ ...studio, now }));
  const sessions = new Sessions({ sql, tokens, studioTokens, now });
  const passwords = new Passwords(deps.passwordCost);
  const onError = (where: string) => (error: unknown) => deps.onError(error, where);
  const signIn = new SignIn({ sql, tokens, sessions, passwords, now, recordPlayer: deps.recordPlayer });
  const reset = new PasswordReset({
    sql,
    sessions,
    passwords,
    mail: deps.mail,
    onError: onError("password reset"),
    now,
  });
  const seasons = new Seasons(sql, now);
  const index = redis === null ? new MemoryIndex() : new RedisIndex(redis, namespace);
  const source = new RankingSource(sql, deps.rankAnonymous);
  const rankings = new Rankings({ index, source, onError: onError("rankings") });
  const names = new Names(sql);
  const playersDeps = { sql, seasons, algorithmOf, games };
  const routes = [
    ...rankingRoutes({ rankings, seasons, names, games }),
    ...playerRoutes(playersDeps),
    ...matchRoutes({ sql, names, recordings: deps.recordings }),
    ...seasonRoutes(seasons),
    ...gameListRoutes(deps.described),
    ...meRoutes({ ...playersDeps, tokens, sessions, rankings, names }),
    ...liveRoutes(sessions, deps.quotas, deps.serveLive),
    ...ticketRoutes(games, deps.tickets, INITIAL_RATING),
    ...signInRoutes({ signIn, reset, sessions, limits }),
    ...adminRoutes({ ...deps, sessions, log: deps.operatorLog, now }),
    ...operatorValueRoutes({ sql, log: deps.operatorLog, games: games.map(({ name }) => name) }),
    ...healthRoutes(deps),
  ];
  const api = createApi({
    routes: withDocs([...routes, ...gameRoutes(sql, deps.backends, routes)], deps.version),
    ...{ sessions, limits, operators: deps.operators, checkResponses: deps.checkResponses },
    ...{ corsOrigins: deps.corsOrigins, trustedProxies: deps.trustedProxies },
    onError: (error, method, path) => deps.onError(error, `${method} ${path}`),
  });
  return {
    ...api,
    ...{ tokens, sessions, passwords, seasons, rankings },
    admission: new SqlAdmission(sql, sessions, seasons, algorithmOf),
    start: () => rankings.start(),
    stop() {
      reset.stop();
      return rankings.stop();
    },
  };
}
