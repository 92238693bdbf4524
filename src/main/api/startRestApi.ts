import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import { createRestApi, type Rest } from "../../api/createRestApi.ts";
import { describeGame } from "../../api/games.ts";
import type { Limits } from "../../api/limits.ts";
import { OperatorLog } from "../../api/operators/OperatorLog.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import type { OpenTickets } from "../../api/tickets.ts";
import type { GameBackend } from "../../game/Backend.ts";
import type { Game } from "../../game/Game.ts";
import type { Quotas } from "../../matchmaking/quotas/Quotas.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { conditionsOf, type Health } from "../../platform/health/Health.ts";
import { readinessOf } from "../../platform/health/readiness.ts";
import { spanTime } from "../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import type { MailOptions } from "../../players/identity/PasswordReset.ts";
import { SmtpMailer } from "../../players/mail/SmtpMailer.ts";
import type { AlgorithmOf } from "../../players/rating/Rating.ts";
import type { OperatorMessages } from "../game/OperatorMessages.ts";
import { PlayerRemoval } from "../game/PlayerRemoval.ts";
import { hideServices } from "../health/hideServices.ts";
import { reportKeys } from "../health/reportKeys.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { DataServices } from "../pipeline/openDataServices.ts";
import type { Stores } from "../pipeline/openStores.ts";
import { openActPublisher, openMessagePublisher } from "./openPublishers.ts";

const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url)!, "utf8"));

/** In AUTH_AUDIENCE. */
const ANY_AUDIENCE = "*";

interface ApiDeps {
  readonly config: Config;
  readonly secret: string;
  readonly operators: Operators;
  readonly operatorMessages: OperatorMessages;
  readonly games: readonly Game[];
  readonly backends: readonly GameBackend[];
  readonly algorithmOf: AlgorithmOf;
  readonly metrics: Metrics;
  readonly dataServices: DataServices;
  readonly stores: Stores;
  readonly redis: Redis | null;
  readonly limits: Limits;
  readonly quotas: Quotas;
  /** Null until the queue is open. */
  readonly tickets: () => OpenTickets | null;
  readonly recordPlayer: RecordPlayerEvent;
  /** Lets the matches of this process end, then stops it. */
  readonly drain: () => void;
  readonly health: Health;
  readonly log: Logger;
}

export interface RunningApi extends Rest {
  readonly operatorLog: OperatorLog;
}

/** Serves requests immediately. Those that need the operational tables fail until the migration is done. */
export function startRestApi(deps: ApiDeps): RunningApi {
  const { config, secret, operators, games, metrics, dataServices, stores, redis, limits, health, log } = deps;
  const { authIssuer = [], authJwksUrl = [], authAudience = [] } = config;
  const playerRemoval = new PlayerRemoval(() => deps.tickets()?.tickets ?? null);
  const publisher = openActPublisher(stores.operational, dataServices.writer, log);
  const messages = openMessagePublisher(stores.operational, dataServices.writer, log);
  const operatorLog = new OperatorLog({
    ...{ sql: stores.operational, publisher },
    onRecorded: (act) => log.info({ act }, "an operator's act was recorded"),
  });
  const rest = createRestApi({
    sql: stores.operational,
    ...{ redis, limits, quotas: deps.quotas, secret, operators, operatorLog, version },
    hideAddresses: hideServices(config),
    recordPlayer: deps.recordPlayer,
    namespace: config.namespace,
    acceptedSecrets: config.jwtAcceptedSecrets,
    studios: authIssuer.map((issuer, at) => ({
      ...{ issuer, keys: new URL(authJwksUrl[at]) },
      audience: authAudience[at] === ANY_AUDIENCE ? undefined : authAudience[at],
      onKeys: reportKeys(health, { variable: "AUTH_JWKS_URL", url: new URL(authJwksUrl[at]), affected: "players" }),
    })),
    algorithmOf: deps.algorithmOf,
    games: games.map(({ name, modes, roles, joinOptions }) => ({
      ...{ name, modes: Object.keys(modes), roleCount: roles.length, joinOptions },
    })),
    described: games.map(describeGame),
    rankAnonymous: config.rankAnonymous ?? stores.embedded,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    metrics: metrics.registry,
    readiness: async () => readinessOf(await health.conditions(), config.roles),
    recordings: { open: async () => null },
    tickets: {
      regions: config.regions,
      open: deps.tickets,
    },
    serveLive: (request, response, listener) => dataServices.live.handle(request, response, listener),
    backends: deps.backends,
    kick: (playerId, reason) => playerRemoval.remove(playerId, reason),
    sendText: (playerId, text) => deps.operatorMessages.send(playerId, text),
    drain: deps.drain,
    processName: config.processName ?? `${hostname()}:${config.port}`,
    mail: mailOf(config),
    onError: (error, where) => log.error({ err: error, where }, "API request failed"),
  });
  health.addSource(() => conditionsOf([rest.rankings.problem()], null));
  let isStopped = false;
  dataServices.onRatings((matchIds) => {
    if (!isStopped) void refreshRankings(rest.rankings, matchIds, dataServices.tracer);
  });
  void dataServices.migrated.then(() => {
    publisher.start();
    messages.start();
    return rest.start();
  });
  return {
    ...rest,
    operatorLog,
    async stop() {
      isStopped = true;
      playerRemoval.stop();
      await Promise.all([publisher.stop(), messages.stop()]);
      await rest.stop();
    },
  };
}

async function refreshRankings(rankings: Rest["rankings"], matchIds: readonly string[], tracer: Tracer): Promise<void> {
  const startMs = spanTime();
  await rankings.refresh();
  const error = rankings.problem() ?? undefined;
  for (const trace of matchIds) tracer.record({ trace, name: "refresh ranking", startMs, endMs: spanTime(), error });
}

function mailOf({ smtpUrl, mailFrom, publicUrl }: Config): MailOptions | null {
  if (smtpUrl === undefined || mailFrom === undefined || publicUrl === undefined) return null;
  return { mailer: new SmtpMailer({ url: smtpUrl, from: mailFrom }), publicUrl };
}
