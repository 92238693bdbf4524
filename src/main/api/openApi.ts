/** Owns the REST API's place in the program: the parts of this process that it is made from. */
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { openRest, type Rest } from "../../api/openRest.ts";
import type { Operator } from "../../api/operator.ts";
import type { OpenTickets } from "../../api/tickets.ts";
import type { Game } from "../../game/Game.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { MailOptions } from "../../players/identity/PasswordReset.ts";
import { SmtpMailer } from "../../players/mail/SmtpMailer.ts";
import type { AlgorithmOf } from "../../players/rating/Rating.ts";
import { PutOut } from "../game/PutOut.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Backstage } from "../pipeline/openBackstage.ts";
import type { Stores } from "../pipeline/openStores.ts";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

export interface ApiWishes {
  readonly config: Config;
  readonly secret: string;
  readonly operator: Operator | null;
  readonly games: readonly Game[];
  readonly algorithmOf: AlgorithmOf;
  readonly metrics: Metrics;
  readonly backstage: Backstage;
  readonly stores: Stores;
  readonly redis: Redis | null;
  /** Null until the queue is open. */
  readonly tickets: () => OpenTickets | null;
  readonly log: Logger;
}

/** Answers at once; what needs the operational tables fails until they are there. */
export function openApi(wishes: ApiWishes): Rest {
  const { config, secret, operator, games, metrics, backstage, stores, redis, log } = wishes;
  const { authIssuer, authJwksUrl } = config;
  const putOut = new PutOut(() => wishes.tickets()?.tickets ?? null);
  const rest = openRest({
    sql: stores.operational,
    ...{ redis, secret, operator, version },
    namespace: config.namespace,
    studio: authIssuer !== undefined && authJwksUrl !== undefined ? { issuer: authIssuer, jwksUrl: authJwksUrl } : null,
    algorithmOf: wishes.algorithmOf,
    modes: [...new Set(games.flatMap((game) => Object.keys(game.modes)))],
    rankAnonymous: config.rankAnonymous ?? stores.embedded,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    metrics: metrics.registry,
    problems: backstage.problems,
    recordings: { open: async () => null },
    tickets: {
      modes: Object.keys(games[0].modes),
      roleCount: games[0].roles.length,
      open: wishes.tickets,
    },
    serveLive: (request, response, listener) => backstage.live.handle(request, response, listener),
    kick: (playerId, reason) => putOut.kick(playerId, reason),
    mail: mailOf(config),
    onError: (error, where) => log.error({ err: error, where }, "the API failed"),
  });
  backstage.onRatings(() => void rest.rankings.refresh());
  void backstage.migrated.then(() => rest.start());
  return {
    ...rest,
    stop() {
      putOut.stop();
      return rest.stop();
    },
  };
}

function mailOf({ smtpUrl, mailFrom, publicUrl }: Config): MailOptions | null {
  if (smtpUrl === undefined || mailFrom === undefined || publicUrl === undefined) return null;
  return { mailer: new SmtpMailer({ url: smtpUrl, from: mailFrom }), publicUrl };
}
