/** The APIs that serve no players: health and metrics alone, or with the public live feed. */
import { TokenError } from "../players/auth/Tokens.ts";
import { type Api, type Authenticator, createApi } from "./createApi.ts";
import { type HealthOptions, healthRoutes } from "./health.ts";
import { Limits } from "./limits.ts";
import { liveRoutes, type ServeLive, type StreamQuotas } from "./live.ts";

export interface HealthApiDeps extends HealthOptions {
  /** Null: without the live feed. */
  readonly serveLive: ServeLive | null;
  /** Counts the streams of the live feed. Null without the live feed. */
  readonly quotas: StreamQuotas | null;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly onError: (error: unknown, where: string) => void;
}

/** Rejects every token, because this process has no players. */
const noSignIn: Authenticator = {
  async authenticate(token) {
    throw new TokenError(token ? "TOKEN_INVALID" : "TOKEN_MISSING");
  },
  callerOf: async () => null,
};

export function createHealthApi(deps: HealthApiDeps): Api {
  const { serveLive, quotas, corsOrigins, trustedProxies, onError, ...health } = deps;
  const { operators } = health;
  return createApi({
    routes: [...healthRoutes(health), ...(serveLive && quotas ? liveRoutes(noSignIn, quotas, serveLive) : [])],
    sessions: noSignIn,
    // Secrets are needed only for limits by account, which these routes do not have.
    limits: new Limits({ redis: null, namespace: "", secrets: [] }),
    ...{ operators, corsOrigins, trustedProxies },
    onError: (error, method, path) => onError(error, `${method} ${path}`),
  });
}
