/** A process without rooms and players: relay, sinks or both, with health, metrics and the live feed. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { createHealthApi } from "../../api/createHealthApi.ts";
import { securityHeaders } from "../../api/securityHeaders.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { Health } from "../../platform/health/Health.ts";
import { readinessOf } from "../../platform/health/readiness.ts";
import { openRedis } from "../../platform/redis/openRedis.ts";
import { HttpServer } from "../api/HttpServer.ts";
import { hasOperators, openOperators, openOperatorsFile } from "../api/openOperators.ts";
import { openQuotas } from "../game/openQuotas.ts";
import type { RunningServer } from "../game/startServer.ts";
import { hideServices } from "../health/hideServices.ts";
import { serveHealth } from "../health/serveHealth.ts";
import { loadBackends, loadGames } from "../loadGames.ts";
import { Metrics } from "../metrics/metrics.ts";
import { LatenessWindow } from "../metrics/publishStats.ts";
import { browserHost } from "../multiProcess/browserHost.ts";
import { openDataServices } from "./openDataServices.ts";

export async function startWorker(
  config: Config,
  log: Logger,
): Promise<Pick<RunningServer, "port" | "address" | "readiness" | "drainAsked" | "mustStop" | "stop">> {
  const games = await loadGames(config.games);
  await loadBackends(config.games);
  const metrics = new Metrics();
  const health = new Health(log);
  const file = openOperatorsFile(config, health);
  // Only to count guesses together with the other processes.
  const redis = config.redisUrl === undefined || !hasOperators(config) ? null : openRedis(config.redisUrl);
  const operators = openOperators({ config, file, redis, metrics, health, log });
  const dataServices = await openDataServices({ config, games, metrics, lateness: new LatenessWindow(), health, log });
  const readiness = async () => readinessOf(await health.conditions(), config.roles);
  const api = createHealthApi({
    readiness,
    ...{ operators, hideAddresses: hideServices(config) },
    metrics: metrics.registry,
    ...{ corsOrigins: config.corsOrigins, trustedProxies: config.trustedProxies },
    // Each process counts its own streams.
    quotas: openQuotas(config, null, log),
    serveLive: (request, response, listener) => dataServices.live.handle(request, response, listener),
    onError: (error, where) => log.error({ err: error, where }, "HTTP request failed"),
  });
  const server = new HttpServer();
  server.setHeaders = securityHeaders(config);
  server.handlers = [api];
  let stopHealth = () => {};
  try {
    stopHealth = await serveHealth({ config, health, operators, metrics: metrics.registry, log });
    server.listen(config.port, config.host);
    await once(server, "listening");
  } catch (error) {
    stopHealth();
    await dataServices.stop();
    redis?.disconnect();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `http://${browserHost(config.host)}:${port}/readyz`,
    readiness,
    // A process without players has no routes for operators.
    drainAsked: new Promise(() => {}),
    mustStop: dataServices.mismatch,
    async stop() {
      server.close();
      server.closeAllConnections();
      await dataServices.stop();
      stopHealth();
      redis?.disconnect();
    },
  };
}
