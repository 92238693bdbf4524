import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import { createRestApi, type Rest } from "../../api/createRestApi.ts";
import type { Limits } from "../../api/limits.ts";
import { ActPublisher } from "../../api/operators/ActPublisher.ts";
import { OperatorLog } from "../../api/operators/OperatorLog.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import type { OpenTickets } from "../../api/tickets.ts";
import type { Game } from "../../game/Game.ts";
import type { Quotas } from "../../matchmaking/quotas/Quotas.ts";
import { encodeMessageRecord } from "../../pipeline/events/messageRecord.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { conditionsOf, type Health } from "../../platform/health/Health.ts";
import { addressHider } from "../../platform/health/hideAddresses.ts";
import { readinessOf } from "../../platform/health/readiness.ts";
import { FailureLog } from "../../platform/logging/FailureLog.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { spanTime } from "../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { RowPublisher } from "../../players/database/RowPublisher.ts";
import type { CommittedMessage } from "../../players/database/schema.ts";
import { claimMessages, deletePublished, type MessagesRow } from "../../players/database/unpublishedMessages.ts";
import type { MailOptions } from "../../players/identity/PasswordReset.ts";
import { SmtpMailer } from "../../players/mail/SmtpMailer.ts";
import type { AlgorithmOf } from "../../players/rating/Rating.ts";
import { PlayerRemoval } from "../game/PlayerRemoval.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { DataServices } from "../pipeline/openDataServices.ts";
import type { Stores } from "../pipeline/openStores.ts";
import { serviceAddresses } from "./openOperators.ts";

const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url)!, "utf8"));

/** Often, because the sinks of another process may have stored messages. */
const MESSAGES_EVERY_MS = 2000;
/** In rows. A row can have the ratings of hundreds of players, and each message takes time from the ticks of this process. */
const MESSAGES_BATCH = 4;
/** In AUTH_AUDIENCE. */
const ANY_AUDIENCE = "*";

export interface ApiDeps {
  readonly config: Config;
  readonly secret: string;
  readonly operators: Operators;
  readonly games: readonly Game[];
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
    recordPlayer: deps.recordPlayer,
    hideAddresses: addressHider(serviceAddresses(config)),
    namespace: config.namespace,
    acceptedSecrets: config.jwtAcceptedSecrets,
    studios: authIssuer.map((issuer, at) => ({
      ...{ issuer, jwksUrl: authJwksUrl[at] },
      audience: authAudience[at] === ANY_AUDIENCE ? undefined : authAudience[at],
    })),
    algorithmOf: deps.algorithmOf,
    modes: [...new Set(games.flatMap((game) => Object.keys(game.modes)))],
    rankAnonymous: config.rankAnonymous ?? stores.embedded,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    metrics: metrics.registry,
    readiness: async () => readinessOf(await health.conditions(), config.roles),
    recordings: { open: async () => null },
    tickets: {
      modes: Object.keys(games[0].modes),
      regions: config.regions,
      roleCount: games[0].roles.length,
      open: deps.tickets,
    },
    serveLive: (request, response, listener) => dataServices.live.handle(request, response, listener),
    kick: (playerId, reason) => playerRemoval.remove(playerId, reason),
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

function openActPublisher(sql: Sql, writer: OutboxWriter | null, log: Logger): ActPublisher {
  const failures = new FailureLog({ log, what: "publishing acts of operators as logs_admin" });
  return new ActPublisher({
    sql,
    append: (acts) =>
      append(
        writer,
        acts.map(({ id, message: value }) => ({ topic: "logs_admin", key: value.operator, id, value })),
      ),
    onFailed: (error) => failures.failed(error),
    onSucceeded: () => failures.succeeded(),
  });
}

function openMessagePublisher(sql: Sql, writer: OutboxWriter | null, log: Logger): RowPublisher<MessagesRow> {
  const failures = new FailureLog({ log, what: "publishing events of players and ratings from the database" });
  return new RowPublisher({
    claim: () => claimMessages(sql, MESSAGES_BATCH),
    batch: MESSAGES_BATCH,
    append: (rows) =>
      append(
        writer,
        rows.flatMap(({ messages }) => messages),
      ),
    markPublished: (ids) => deletePublished(sql, ids),
    everyMs: MESSAGES_EVERY_MS,
    onFailed: (error) => failures.failed(error),
    onSucceeded: () => failures.succeeded(),
  });
}

/** Resolves when the messages are on disk; rejects if they may be lost. */
async function append(writer: OutboxWriter | null, messages: readonly CommittedMessage[]): Promise<void> {
  if (writer === null) throw new Error("this process has no outbox");
  for (const message of messages) {
    const record = encodeMessageRecord(message);
    const isLost = writer.mode === "failed" || writer.append(record, record.length) === 0;
    if (isLost) throw new Error(writer.refusal() ?? "the outbox lost the message");
  }
  await writer.whenCommitted();
}

function mailOf({ smtpUrl, mailFrom, publicUrl }: Config): MailOptions | null {
  if (smtpUrl === undefined || mailFrom === undefined || publicUrl === undefined) return null;
  return { mailer: new SmtpMailer({ url: smtpUrl, from: mailFrom }), publicUrl };
}
