import type { Logger } from "pino";
import { clientAddressBehind } from "../../api/clientAddress.ts";
import type { Rest } from "../../api/createRestApi.ts";
import { crossOrigin } from "../../api/crossOrigin.ts";
import type { Limits } from "../../api/limits.ts";
import { securityHeaders } from "../../api/securityHeaders.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { OverloadGuard } from "../../platform/tick/Overload.ts";
import { processClock, type TickScheduler } from "../../platform/tick/TickScheduler.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import type { Tokens } from "../../players/auth/Tokens.ts";
import { HttpServer } from "../api/HttpServer.ts";
import { JoinHandler } from "../api/JoinHandler.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { CapacityGuard } from "./CapacityGuard.ts";
import type { SharedState } from "./openSharedState.ts";
import { ReturningPlayers } from "./ReturningPlayers.ts";

interface HttpServerDeps {
  readonly scheduler: TickScheduler;
  readonly overload: OverloadGuard;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly shared: Pick<SharedState, "driver">;
  readonly tokens: Tokens;
  readonly tracer: Tracer;
  /** Null without a store. */
  readonly api: Rest | null;
}

/** The server of sockets, joins and API, before it listens. */
export function createHttpServer(config: Config, deps: HttpServerDeps, log: Logger): HttpServer {
  const { scheduler, overload, metrics, limits, shared, tokens, tracer, api } = deps;
  const http = new HttpServer();
  http.beforeRequest = () => scheduler.stepDue();
  http.setHeaders = securityHeaders(config);
  const playerOf = (token: string) =>
    tokens.verify(token).then(
      ({ playerId }) => playerId,
      () => null,
    );
  const allowOrigins = crossOrigin(config.corsOrigins);
  const joins = new JoinHandler({
    limits,
    callerOf: (token) => (api === null ? playerOf(token) : api.sessions.callerOf(token)),
    addressOf: clientAddressBehind(config.trustedProxies),
    crossOrigin: allowOrigins,
    tracer,
    onLimited: () => metrics.recordRefusal("TOO_MANY_REQUESTS"),
    onError: (err, where) => log.error({ err, where }, "matchmaking request failed"),
  });
  const returning = new ReturningPlayers({
    playerOf: (token) => (api === null ? playerOf(token) : api.sessions.playerOf(token)),
    listings: shared.driver,
  });
  const guard = new CapacityGuard({
    isBusy: () => overload.isOverloaded(processClock.now()),
    isReturning: (token) => returning.has(token),
    joins,
    crossOrigin: allowOrigins,
    onRefused: () => metrics.recordRefusal("SERVER_BUSY"),
  });
  http.handlers = api === null ? [guard, joins] : [guard, joins, api];
  return http;
}
