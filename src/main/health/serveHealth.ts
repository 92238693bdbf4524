import { once } from "node:events";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { createHealthApi } from "../../api/createHealthApi.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import { securityHeaders } from "../../api/securityHeaders.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { readinessOf } from "../../platform/health/readiness.ts";
import { HttpServer } from "../api/HttpServer.ts";
import { hideServices } from "./hideServices.ts";

interface HealthServerDeps {
  readonly config: Config;
  readonly health: Health;
  readonly operators: Operators;
  readonly metrics: Registry;
  readonly log: Logger;
}

/**
 * Serves `/healthz`, `/readyz` and `/metrics` on HEALTH_PORT of HEALTH_HOST, if the port is set. Resolves to a function that stops
 * this. Rejects if the port or the host cannot be used.
 */
export async function serveHealth({ config, health, operators, metrics, log }: HealthServerDeps): Promise<() => void> {
  const { healthPort, healthHost = config.host, roles, corsOrigins, trustedProxies } = config;
  if (healthPort === undefined) return () => {};
  const api = createHealthApi({
    readiness: async () => readinessOf(await health.conditions(), roles),
    ...{ operators, hideAddresses: hideServices(config) },
    ...{ metrics, serveLive: null, quotas: null, corsOrigins, trustedProxies },
    onError: (error, where) => log.error({ err: error, where }, "HTTP request failed"),
  });
  const server = new HttpServer();
  server.setHeaders = securityHeaders(config);
  server.handlers = [api];
  server.listen(healthPort, healthHost);
  await once(server, "listening");
  return () => {
    server.close();
    server.closeAllConnections();
  };
}
